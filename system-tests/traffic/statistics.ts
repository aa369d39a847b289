import { percentile } from '../lib/statistics.ts'

/** Counts requests by outcome, and their latencies. */
export class Statistics {
  sent = 0
  readonly #outcomes: Record<string, number> = { ok: 0, limited: 0 }
  readonly #latencies: Record<'read' | 'post', number[]> = { read: [], post: [] }

  /** `outcome` is `ok`, `limited` (429) or the kind of failure; `latencyMs` needs an answer. */
  ended (kind: 'read' | 'post', outcome: string, latencyMs?: number): void {
    this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + 1
    if (latencyMs !== undefined) this.#latencies[kind].push(latencyMs)
  }

  summary () {
    const { ok = 0, limited = 0, ...failures } = this.#outcomes
    const failed = Object.values(failures).reduce((sum, count) => sum + count, 0)
    return {
      sent: this.sent,
      ok,
      limited,
      failed,
      failures,
      reads: latency(this.#latencies.read),
      posts: latency(this.#latencies.post)
    }
  }

  toString (): string {
    const { sent, ok, limited, failed, failures } = this.summary()
    const kinds = Object.entries(failures).map(([kind, count]) => `${kind}: ${count}`).join(', ')
    return `sent ${sent}, ok ${ok}, limited ${limited}, failed ${failed}${kinds && ` (${kinds})`}`
  }
}

function latency (values: number[]) {
  const rounded = (percent: number) =>
    values.length === 0 ? null : Math.round(percentile(values, percent) * 10) / 10
  return { answered: values.length, p50: rounded(50), p95: rounded(95), p99: rounded(99) }
}
