/** Reports of jobs: folders `report-NAME` with the folders `change` and, if known, `main`. */
import { existsSync, globSync, readFileSync } from 'node:fs'
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
  const pairs = <T>(file: string) =>
    globSync(`report-*/change/${file}`, { cwd: folder }).sort().map((path): Pair<T> => {
      const name = path.split('/')[0]!
      const main = join(folder, name, 'main', file)
      return {
        name: name.slice('report-'.length),
        change: JSON.parse(readFileSync(join(folder, path), 'utf8')),
        main: existsSync(main) ? JSON.parse(readFileSync(main, 'utf8')) : undefined
      }
    })
  const plan = globSync('report-*/change/plan.txt', { cwd: folder }).sort()[0]
  return {
    tests: pairs<Tests>('tests.json'),
    images: pairs<Image>('image.json'),
    plan: plan && readFileSync(join(folder, plan), 'utf8')
  }
}
