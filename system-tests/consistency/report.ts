import { ANOMALIES, countByKind, type Anomaly, type AnomalyKind } from './anomalies.ts'
import type { History, Operation } from './history.ts'

/** One run of a scenario. */
export interface Row {
  name: string
  operations: number
  posts: Count
  reads: Count
  moderations: Count
  /** Reads that say that newer messages may be missing. */
  degraded: number
  anomalies: Partial<Record<AnomalyKind, number>>
}

/** Attempts by their outcome. */
export interface Count { ok: number, fail: number, unknown: number }

export function summarise (name: string, { operations }: History, anomalies: Anomaly[]): Row {
  const count = (...kinds: Array<Operation['kind']>): Count => {
    const counts = { ok: 0, fail: 0, unknown: 0 }
    for (const { kind, outcome } of operations) if (kinds.includes(kind)) counts[outcome]++
    return counts
  }
  return {
    name,
    operations: operations.length,
    posts: count('post'),
    reads: count('page', 'list', 'walk', 'get'),
    moderations: count('moderation'),
    degraded: operations.filter(operation => 'isDegraded' in operation && operation.isDegraded)
      .length,
    anomalies: countByKind(anomalies)
  }
}

/** The rows as a table for people. */
export function tableOf (rows: Row[]): string {
  const shares = ({ ok, fail, unknown }: Count) => `${ok} / ${unknown} / ${fail}`
  const lines = [
    ['scenario', 'operations', 'posts*', 'reads*', 'moderations*', 'degraded', 'anomalies'],
    ...rows.map(({ name, operations, posts, reads, moderations, degraded, anomalies }) => [
      name,
      `${operations}`,
      shares(posts),
      shares(reads),
      shares(moderations),
      `${degraded}`,
      Object.entries(anomalies).map(([kind, count]) => `${count} ${kind}`).join(', ') || 'none'
    ])
  ]
  const widths = lines[0]!.map((_, column) =>
    Math.max(...lines.map(line => line[column]!.length))
  )
  return [
    ...lines.map(line =>
      line.map((cell, column) => cell.padEnd(widths[column]!)).join('  ').trimEnd()
    ),
    '* acknowledged or answered / unknown (503 or no answer) / rejected (4xx)'
  ].join('\n')
}

/** Of a longer list the first ones are shown. */
const SHOWN_IDS = 3

function namesOf (ids: string[]): string {
  const more = ids.length - SHOWN_IDS
  return ids.slice(0, SHOWN_IDS).join(', ') + (more > 0 ? ` and ${more} more` : '')
}

/** An anomaly with the operations that show it. */
export function describe ({ kind, ids, operations }: Anomaly): string {
  return [
    `${kind}: ${ANOMALIES[kind]}: ${namesOf(ids)}`,
    ...operations.slice(0, 12).map(operation => `    ${lineOf(operation)}`)
  ].join('\n')
}

function lineOf (operation: Operation): string {
  const { kind, process, via, invokedAt, completedAt, outcome, status } = operation
  const seconds = (at: number) => (at / 1000).toFixed(3)
  const what = inputAndResult(operation)
  const when = `${seconds(invokedAt)}..${seconds(completedAt)}`
  return `${when} ${process} via ${via}: ${kind} ${outcome} (${status}) ${what}`
}

function inputAndResult (operation: Operation): string {
  switch (operation.kind) {
    case 'post':
      return `${operation.text} -> ${operation.id ?? '?'}`
    case 'get':
      return `${operation.id} ${operation.isFound ? 'found' : 'not found'}`
    case 'moderation':
      return `${operation.hidden ? 'hide' : 'restore'} ${operation.id}`
    default: {
      const { ids, isDegraded } = operation
      return `${ids.length} messages (${namesOf(ids)})${isDegraded ? ' degraded' : ''}`
    }
  }
}
