import { CASES, TITLES, type CaseId, type TargetName } from './cases.ts'
import type { Depth } from './depth.ts'
import type { HalfLoad } from './half.ts'
import type { Machine } from '../lib/machine.ts'
import type { CaseResults } from './summary.ts'
import { goals } from './goals.ts'

export interface Report {
  /** When it ended. */
  date: string
  machine: Machine
  /** Load average of a minute before the first and after the last round. */
  load: { before: number, after: number }
  rounds: number
  seconds: number
  cases: Partial<Record<CaseId, CaseResults>>
  /** At half of the maximum rate: page and API over MongoDB, and 9 pages and 1 post over SQLite. */
  half: Partial<Record<'page' | 'api' | 'sqlite', Partial<Record<'guestbook' | 'bare', HalfLoad>>>>
  depth?: Depth | undefined
  services: Record<'frontend' | 'backend', { readyMs: number, memoryMib: number, peakMib: number }>
}

const row = (...cells: string[]) => `| ${cells.join(' | ')} |`
const NUMBER = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })

export function markdown (report: Report): string {
  const { machine, load, rounds, seconds, cases } = report
  const { cpu, cores, memoryGib, linux, node, mongod, loadGenerator } = machine
  return [
    `Measured on ${report.date.slice(0, 10)}: ${cores} cores (${cpu}), ${memoryGib} GiB, ` +
      `Linux ${linux}, Node ${node}, MongoDB ${mongod}, ${loadGenerator}. ` +
      `Medians of ${rounds} rounds of ${seconds} s each, all targets in turn; ` +
      `load average ${load.before} before, ${load.after} after.`,
    '',
    ...CASES.flatMap(({ id, title }) => (cases[id] ? caseTable(title, cases[id]) : [])),
    '| Goal | Measured | |',
    '|---|---|---|',
    ...goals(report).map(({ text, measured, met }) => {
      const verdict = met === undefined ? '' : met ? 'met' : '**missed**'
      return row(text, measured ?? 'not measured', verdict)
    }),
    ''
  ].join('\n')
}

function caseTable (title: string, results: CaseResults): string[] {
  const best = results.guestbook?.rate
  return [
    `**${title}**`,
    '',
    '| | requests/s (min to max) | guestbook is | per CPU second | p50 ms | p99 ms | errors |',
    '|---|--:|--:|--:|--:|--:|--:|',
    ...Object.entries(results).map(
      ([name, { rate, least, most, ratePerCpu, p50Ms, p99Ms, errors }]) => {
        const factor =
          name === 'guestbook' || best === undefined ? '' : `${(best / rate).toFixed(2)} times`
        return row(
          TITLES[name as TargetName],
          `${NUMBER.format(rate)} (${NUMBER.format(least)} to ${NUMBER.format(most)})`,
          factor,
          NUMBER.format(ratePerCpu),
          p50Ms.toFixed(1),
          p99Ms.toFixed(1),
          `${errors}`
        )
      }
    ),
    ''
  ]
}
