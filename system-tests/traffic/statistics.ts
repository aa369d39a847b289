/** Counts what became of requests. */
export class Statistics {
  sent = 0
  readonly #outcomes: Record<string, number> = { ok: 0, limited: 0 }
  readonly #latencies: Record<'read' | 'post', number[]> = { read: [], post: [] }

  /** `outcome` is `ok`, `limited` (the rate limit spoke) or the kind of failure; without an answer there is no `latencyMs`. */
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
  const sorted = values.toSorted((a, b) => a - b)
  return {
    answered: sorted.length,
    p50: percentile(sorted, 50),
    p95: percentile(sorted, 95),
    p99: percentile(sorted, 99)
  }
}

/** The smallest value that at least `percent` % of all do not exceed (nearest rank), to a tenth; null of none. */
export function percentile (sorted: number[], percent: number): number | null {
  const value = sorted[Math.max(0, Math.ceil(sorted.length * percent / 100) - 1)]
  return value === undefined ? null : Math.round(value * 10) / 10
}
