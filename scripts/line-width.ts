/**
 * `make style`: checks that no line is longer than 100 columns, in every file that eslint does not
 * check. Exempt are JSON, files that .gitattributes marks as generated or binary, Markdown tables
 * and images, image digests, and lines with only a URL.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'

export const MAX_COLUMNS = 100

const EXEMPT = [
  ':(exclude)*.json',
  ':(exclude)*.ts',
  ':(exclude)*.js',
  ':(exclude)*.mjs',
  ':(exclude,attr:linguist-generated)',
  ':(exclude,attr:binary)'
]

/** `FILE:LINE` of every line that is too long, in the files under these paths. */
export function longLines (root: string, paths: string[]): string[] {
  const args = ['--cached', '--others', '--exclude-standard', '-z', '--', ...paths, ...EXEMPT]
  const files = execFileSync('git', ['-c', 'safe.directory=*', 'ls-files', ...args], {
    cwd: root,
    encoding: 'utf8'
  })
  // git also lists links to folders and deleted files.
  const isFile = (file: string) =>
    statSync(`${root}/${file}`, { throwIfNoEntry: false })?.isFile() === true
  return files.split('\0').filter(isFile).flatMap(file =>
    readFileSync(`${root}/${file}`, 'utf8').split('\n').flatMap((line, index) =>
      isTooLong(file, line) ? [`${file}:${index + 1}`] : []
    )
  )
}

function isTooLong (file: string, line: string): boolean {
  if (line.length <= MAX_COLUMNS || /^\W*\S*https?:\S+$|@sha256:\w{64}$/.test(line)) return false
  return !(file.endsWith('.md') && /^\s*\||^!\[[^\]]*\]\([^)]*\)$/.test(line))
}

if (import.meta.main) {
  const lines = longLines(process.cwd(), process.argv.slice(2))
  if (lines.length > 0) {
    console.error(`Longer than ${MAX_COLUMNS} columns:\n  ${lines.join('\n  ')}`)
    process.exitCode = 1
  }
}
