/** Generated files: written, or only checked with --check. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))
const END = '<!-- End of the generated part. -->'

/**
 * @param files texts by their paths in the repository; @param target the make target that writes
 * them
 */
export function generate (files: Record<string, string>, target: string): void {
  const stale = Object.entries(files).filter(
    ([file, text]) => !existsSync(ROOT + file) || readFileSync(ROOT + file, 'utf8') !== text
  )
  for (const [file, text] of stale) {
    if (!process.argv.includes('--check')) writeFileSync(ROOT + file, text)
    else {
      console.error(`${file} is stale: run \`make ${target}\` and commit the result.`)
      process.exitCode = 1
    }
  }
}

/** Replaces the text of a document between the markers of its generated part. */
export function withGenerated (file: string, source: string, target: string, text: string): string {
  const start = `<!-- Generated from ${source} by \`make ${target}\`. -->`
  return replaceBetween(file, start, END, `\n${text}\n\n`)
}

/** A file with the text between two lines replaced. @throws Error if a line is missing */
export function replaceBetween (file: string, start: string, end: string, text: string): string {
  const document = readFileSync(ROOT + file, 'utf8')
  const [before, after] = [document.indexOf(start), document.indexOf(end)]
  if (before < 0 || after < before) throw new Error(`${file} needs the lines ${start} and ${end}`)
  return `${document.slice(0, before)}${start}\n${text}${document.slice(after)}`
}

export function table (head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n')
}
