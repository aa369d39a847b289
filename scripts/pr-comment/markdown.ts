/** The text of the comment. */
import { stripVTControlCharacters } from 'node:util'
import type { NeededJob } from '../ci/required-checks.ts'
import type { Pair, Reports } from './reports.ts'

/** Limit of one section. GitHub rejects comments of more than 65,536 characters. */
const LONGEST = 25_000
const MIB = 1024 * 1024

export interface Report extends Reports {
  /** Results by job, as `toJSON(needs)`. */
  readonly jobs: Record<string, NeededJob>
  /** Diff of the rendered manifests against main; undefined when rendering failed. */
  readonly manifests: string | undefined
}

export function markdown ({ jobs, tests, images, plan, manifests }: Report): string {
  return [
    '### Results of this change',
    jobLine(jobs),
    tests.length > 0 && table(['tests', 'passed', 'failed', 'line coverage'], tests.map(testRow)),
    images.length > 0 &&
      table(
        ['image', 'size'],
        images.map(pair => [
          pair.name.replace(/-image$/, ''),
          compared(pair, image => image.bytes / MIB, 'MiB')
        ])
      ),
    plan !== undefined && folded(`Plan: ${planSummary(plan)}`, stripVTControlCharacters(plan)),
    manifests === undefined
      ? 'Manifests: rendering failed.'
      : manifests === ''
        ? 'Manifests: no changes.'
        : folded(`Manifests: ${diffSummary(manifests)}`, manifests, 'diff')
  ]
    .filter(part => part !== false && part !== '')
    .join('\n\n')
}

function jobLine (jobs: Record<string, NeededJob>): string {
  const marks: Record<string, string> = { success: '✅', skipped: '➖' }
  return Object.entries(jobs)
    .filter(([job]) => job !== 'changes')
    .map(
      ([job, { result }]) =>
        `${marks[result] ?? '❌'} ${job}${marks[result] ? '' : ` (${result})`}`
    )
    .join(' · ')
}

const testRow = (pair: Pair<{ passed: number, failed: number, lines?: number }>) => [
  pair.name.replace(/-tests$/, ''),
  compared(pair, ({ passed }) => passed, ''),
  String(pair.change.failed),
  compared(pair, ({ lines }) => lines, '%')
]

/** A figure with its difference from main: `96.2 % (+0.1)`. */
function compared<T> (
  { change, main }: Pair<T>,
  figure: (report: T) => number | undefined,
  unit: string
): string {
  const [now, before] = [figure(change), main === undefined ? undefined : figure(main)]
  if (now === undefined) return ''
  const round = (value: number) => Math.round(value * 10) / 10
  const difference = before === undefined ? undefined : round(now - before)
  const told =
    difference === undefined
      ? 'main: unknown'
      : difference === 0
        ? '='
        : difference > 0
          ? `+${difference}`
          : `−${-difference}`
  return `${round(now)}${unit && ` ${unit}`} (${told})`
}

/** Terraform's summary of each changed stack: `guestbook: 1 to add, 0 to change, 0 to destroy`. */
function planSummary (plan: string): string {
  const summaries: string[] = []
  let stack = ''
  for (const line of stripVTControlCharacters(plan).split('\n').map(line => line.trim())) {
    stack = /^([\w-]+):$/.exec(line)?.[1] ?? stack
    const changes = /^(?:Plan: (.* to destroy)|No changes)/.exec(line)
    if (changes) {
      summaries.push(changes[1] === undefined ? '' : `${stack}${stack && ': '}${changes[1]}`)
    }
    if (line.startsWith('cannot be planned')) summaries.push(`${stack} ${line}`)
  }
  if (summaries.length === 0) return 'no summary from Terraform'
  return summaries.filter(summary => summary !== '').join('; ') || 'no changes'
}

function diffSummary (diff: string): string {
  const count = (mark: string) =>
    diff.split('\n').filter(line => line.startsWith(mark) && !line.startsWith(mark.repeat(3)))
      .length
  return `${count('+')} lines added, ${count('-')} lines removed`
}

function table (head: string[], rows: string[][]): string {
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

/** Collapsed text, in a fence longer than any fence in the text. */
function folded (title: string, text: string, language = ''): string {
  const end = text.lastIndexOf('\n', LONGEST)
  const more = text.slice(end).trim().split('\n').length
  const shown = text.length > LONGEST ? `${text.slice(0, end)}\n… and ${more} more lines` : text
  const fence = '`'.repeat(
    Math.max(3, ...[...shown.matchAll(/`+/g)].map(([run]) => run.length + 1))
  )
  const code = `${fence}${language}\n${shown.trimEnd()}\n${fence}`
  return `<details><summary>${title}</summary>\n\n${code}\n</details>`
}
