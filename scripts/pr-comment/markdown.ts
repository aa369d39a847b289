/** The text of the comment. */
import { stripVTControlCharacters } from 'node:util'
import { CHANGES, type NeededJob } from '../ci/required-checks.ts'
import type { Image, Pair, Reports, Tests } from './reports.ts'

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
    table(['tests', 'passed', 'failed', 'line coverage'], tests.map(testRow)),
    table(['image', 'size'], images.map(imageRow)),
    plan !== undefined && folded(`Plan: ${planSummary(plan)}`, stripVTControlCharacters(plan)),
    manifestSection(manifests)
  ]
    .filter(Boolean)
    .join('\n\n')
}

function jobLine (jobs: Record<string, NeededJob>): string {
  const marks: Record<string, string> = { success: '✅', skipped: '➖' }
  return Object.entries(jobs)
    .filter(([job]) => job !== CHANGES)
    .map(([job, { result }]) => marks[result] ? `${marks[result]} ${job}` : `❌ ${job} (${result})`)
    .join(' · ')
}

const testRow = (pair: Pair<Tests>) => [
  pair.name.replace(/-tests$/, ''),
  compared(pair, ({ passed }) => passed),
  String(pair.change.failed),
  compared(pair, ({ lines }) => lines, ' %')
]

const imageRow = (pair: Pair<Image>) => [
  pair.name.replace(/-image$/, ''),
  compared(pair, ({ bytes }) => bytes / MIB, ' MiB')
]

/** A figure with its difference from main: `96.2 % (+0.1)`. */
function compared<T> (
  { change, main }: Pair<T>,
  figure: (report: T) => number | undefined,
  unit = ''
): string {
  const [now, before] = [figure(change), main && figure(main)]
  if (now === undefined) return ''
  const round = (value: number) => Math.round(value * 10) / 10
  const difference = before === undefined ? 'main: unknown' : signed(round(now - before))
  return `${round(now)}${unit} (${difference})`
}

function signed (difference: number): string {
  if (difference === 0) return '='
  return difference > 0 ? `+${difference}` : `−${-difference}`
}

/** Terraform's summary of each changed stack: `guestbook: 1 to add, 0 to change, 0 to destroy`. */
function planSummary (plan: string): string {
  const summaries: string[] = []
  let isPlanned = false
  let stack = ''
  for (const line of stripVTControlCharacters(plan).split('\n').map(line => line.trim())) {
    stack = /^([\w-]+):$/.exec(line)?.[1] ?? stack
    const changes = /^Plan: (.* to destroy)/.exec(line)?.[1]
    if (changes) summaries.push(`${stack}${stack && ': '}${changes}`)
    if (line.startsWith('cannot be planned')) summaries.push(`${stack} ${line}`)
    isPlanned ||= line.startsWith('No changes')
  }
  return summaries.join('; ') || (isPlanned ? 'no changes' : 'no summary from Terraform')
}

function manifestSection (diff: string | undefined): string {
  if (diff === undefined) return 'Manifests: rendering failed.'
  if (diff === '') return 'Manifests: no changes.'
  const added = diff.match(/^\+(?!\+\+)/gm) ?? []
  const removed = diff.match(/^-(?!--)/gm) ?? []
  const summary = `${added.length} lines added, ${removed.length} lines removed`
  return folded(`Manifests: ${summary}`, diff, 'diff')
}

/** A Markdown table; '' without rows. */
function table (head: string[], rows: string[][]): string {
  if (rows.length === 0) return ''
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
