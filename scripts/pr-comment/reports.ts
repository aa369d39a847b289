/** Reports of jobs: folders `report-NAME` with the folders `change` and, if known, `main`. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Tests { passed: number, failed: number, suites: number, lines?: number }
export interface Image { bytes: number }
/** A report of this change and the same of main. */
export interface Pair<T> { name: string, change: T, main: T | undefined }

export interface Reports {
  readonly tests: Array<Pair<Tests>>
  readonly images: Array<Pair<Image>>
  /** Terraform's output. */
  readonly plan: string | undefined
}

/** Reads the reports in a folder, which may be missing. */
export function readReports (folder: string): Reports {
  const names = existsSync(folder)
    ? readdirSync(folder)
      .filter(name => name.startsWith('report-'))
      .sort()
    : []
  const text = (name: string, file: string) =>
    existsSync(join(folder, name, file))
      ? readFileSync(join(folder, name, file), 'utf8')
      : undefined
  const pairs = <T>(file: string) => names.flatMap((name): Array<Pair<T>> => {
    const [change, main] = ['change', 'main']
      .map(side => text(name, `${side}/${file}`))
      .map(json => (json === undefined ? undefined : (JSON.parse(json) as T)))
    return change === undefined ? [] : [{ name: name.slice('report-'.length), change, main }]
  })
  return {
    tests: pairs<Tests>('tests.json'),
    images: pairs<Image>('image.json'),
    plan: names.map(name => text(name, 'change/plan.txt')).find(plan => plan !== undefined)
  }
}
