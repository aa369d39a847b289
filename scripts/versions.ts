/** The order of versions, and the files that contain the version of the repository. */
import { globSync, readFileSync } from 'node:fs'

/** A file with the repository's version. */
export interface Place {
  file: string
  versions: string[]
  withVersion: (version: string) => string
}

/** Accepts three numbers, as in 1.2.3, and no prerelease. */
export const isVersion = (text: string): boolean => /^(0|[1-9]\d*)(\.(0|[1-9]\d*)){2}$/.test(text)

/** Compares two versions by their numbers: 0.10.0 is newer than 0.9.0. */
export const isNewer = (version: string, than: string): boolean =>
  version.localeCompare(than, 'en', { numeric: true }) > 0

function jsonPlace (file: string): Place {
  const json = JSON.parse(readFileSync(file, 'utf8'))
  const owners = ownersOf(json)
  return {
    file,
    versions: owners.map(([owner, key]) => owner[key]!),
    withVersion: version => {
      for (const [owner, key] of owners) owner[key] = version
      return `${JSON.stringify(json, null, 2)}\n`
    }
  }
}

/** An object with our version, and the key of the version. */
type Owner = [object: Record<string, string>, key: string]

/** The owners in a package.json, or in the lockfile, which has those of each workspace. */
function ownersOf (json: any): Owner[] {
  const workspaces = Object.entries<any>(json.packages ?? {})
    .filter(([path, { version }]) => !path.includes('node_modules/') && version !== undefined)
    .map(([, workspace]) => workspace)
  return [json, ...workspaces].flatMap(entry => {
    const groups = [entry.dependencies ?? {}, entry.devDependencies ?? {}]
    const ours = groups.flatMap(group => Object.keys(group)
      .filter(name => name.startsWith('@guestbook/'))
      .map((name): Owner => [group, name]))
    return [[entry, 'version'] as Owner, ...ours]
  })
}

/** The appVersion of MongoDB's chart is that of MongoDB. */
function chartPlace (file: string): Place {
  const text = readFileSync(file, 'utf8')
  const pattern = file.includes('mongodb')
    ? /(?<=^version: ).+$/gm
    : /(?<=^version: |^appVersion: ")[^"\n]+/gm
  return {
    file,
    versions: text.match(pattern) ?? ['no version'],
    withVersion: version => text.replace(pattern, version)
  }
}

/** All files of the current folder with the repository's version. */
export const places = (): Place[] => [
  ...globSync(['package.json', '*/package.json', 'services/*/package.json', 'package-lock.json'])
    .sort()
    .map(jsonPlace),
  ...globSync('charts/*/Chart.yaml').sort().map(chartPlace)
]
