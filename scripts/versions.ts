/** Versions of the repository: their order, and where the one that it has stands. */
import { globSync, readFileSync } from 'node:fs'

/** What a file says of the repository's version, and the same file saying another. */
export interface Place {
  file: string
  versions: () => string[]
  withVersion: (version: string) => string
}

/** Three numbers, as in 1.2.3; a prerelease is none. */
export const isVersion = (text: string): boolean => /^(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}$/.test(text)

/** Compares two versions by their numbers: 0.10.0 is newer than 0.9.0. */
export function isNewer (version: string, than: string): boolean {
  const [a, b] = [version, than].map(text => text.split('.').map(Number))
  const at = [0, 1, 2].find(index => a![index] !== b![index])
  return at !== undefined && a![at]! > b![at]!
}

const isOurs = (name: string) => name.startsWith('@guestbook/')

function jsonPlace (file: string, versionsIn: (json: any, set?: string) => string[]): Place {
  const json = JSON.parse(readFileSync(file, 'utf8'))
  return {
    file,
    versions: () => versionsIn(json),
    withVersion: version => {
      versionsIn(json, version)
      return `${JSON.stringify(json, null, 2)}\n`
    }
  }
}

/** The version of a package, and those of its siblings that it depends on. */
function packageVersions (json: any, set?: string): string[] {
  const holders: Array<[Record<string, string>, string]> = [[json, 'version']]
  for (const group of ['dependencies', 'devDependencies']) {
    for (const name of Object.keys(json[group] ?? {})) {
      if (isOurs(name)) holders.push([json[group], name])
    }
  }
  if (set !== undefined) for (const [holder, key] of holders) holder[key] = set
  return holders.map(([holder, key]) => holder[key]!)
}

/** The lockfile says the root's version twice, and that of each workspace under its folder. */
function lockVersions (json: any, set?: string): string[] {
  const workspaces = Object.entries<any>(json.packages).filter(
    ([path, entry]) => !/(^|\/)node_modules\//.test(path) && entry.version !== undefined
  )
  return [json, ...workspaces.map(([, entry]) => entry)].flatMap(entry =>
    packageVersions(entry, set)
  )
}

/** appVersion follows the version only where the chart installs our image. */
function chartPlace (file: string): Place {
  const text = readFileSync(file, 'utf8')
  const version = /^version: (.+)$/m.exec(text)?.[1] ?? ''
  const app = /^appVersion: "(.+)"$/m.exec(text)?.[1] ?? ''
  const isOurImage = app !== '' && !file.includes('mongodb')
  return {
    file,
    versions: () => isOurImage ? [version, app] : [version],
    withVersion: next => {
      const released = text.replace(/^version: .+$/m, `version: ${next}`)
      return isOurImage
        ? released.replace(/^appVersion: ".+"$/m, `appVersion: "${next}"`)
        : released
    }
  }
}

/** Every place of the repository in the current folder that says its version. */
export const places = (): Place[] => [
  ...globSync([
    'package.json',
    'services/*/package.json',
    'infra/package.json',
    'system-tests/package.json',
    'tests/package.json'
  ])
    .sort()
    .map(file => jsonPlace(file, packageVersions)),
  jsonPlace('package-lock.json', lockVersions),
  ...globSync('charts/*/Chart.yaml').sort().map(chartPlace)
]
