/** The order of versions, and the files that contain the version of the repository. */
import { globSync, readFileSync } from 'node:fs'

/** A file with the repository's version. */
export interface Place {
  file: string
  versions: () => string[]
  withVersion: (version: string) => string
}

/** Accepts three numbers, as in 1.2.3, and no prerelease. */
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

/** Versions of a package and of the workspaces that it depends on. */
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

/** The lockfile has the root's version twice, and that of each workspace under its folder. */
function lockVersions (json: any, set?: string): string[] {
  const workspaces = Object.entries<any>(json.packages).filter(
    ([path, entry]) => !/(^|\/)node_modules\//.test(path) && entry.version !== undefined
  )
  return [json, ...workspaces.map(([, entry]) => entry)].flatMap(entry =>
    packageVersions(entry, set)
  )
}

/** appVersion equals the version only if the chart installs our image. */
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

/** All files of the current folder with the repository's version. */
export const places = (): Place[] => [
  ...globSync(['package.json', '*/package.json', 'services/*/package.json'])
    .sort()
    .map(file => jsonPlace(file, packageVersions)),
  jsonPlace('package-lock.json', lockVersions),
  ...globSync('charts/*/Chart.yaml').sort().map(chartPlace)
]
