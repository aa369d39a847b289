/** Which limit evicted a body: that of its client or the total. */
export type EvictionReason = 'client_body_bytes' | 'body_bytes'

/** A request body whose bytes are in memory. */
export interface BufferedBody {
  /** Aborts the body. The budget has released its bytes before. */
  evict: (reason: EvictionReason) => void
}

interface Account {
  bytes: number
  bodies: Map<BufferedBody, { bytes: number; isComplete: boolean }>
}

/**
 * Limits the bytes of request bodies in memory, in total and per client. At a limit, the client
 * that holds most loses its oldest unfinished body. Complete bodies are never evicted.
 */
export class BodyBudget {
  readonly #limits: { total: number, perClient: number }
  /** By client; bodies in order of arrival. */
  readonly #accounts = new Map<string, Account>()
  #bytes = 0

  /** @param limits in bytes */
  constructor (limits: { total: number, perClient: number }) {
    this.#limits = limits
  }

  get bytes (): number { return this.#bytes }

  /**
   * Reserves memory for received bytes before it is allocated.
   * @returns false if `body` itself was evicted
   */
  reserve (client: string, body: BufferedBody, bytes: number): boolean {
    const account = this.#accounts.get(client) ?? { bytes: 0, bodies: new Map() }
    this.#accounts.set(client, account)
    const held = account.bodies.get(body) ?? { bytes: 0, isComplete: false }
    account.bodies.set(body, held)
    held.bytes += bytes
    account.bytes += bytes
    this.#bytes += bytes
    while (account.bytes > this.#limits.perClient && account.bodies.has(body)) {
      this.#evictOldest(client, account, 'client_body_bytes')
    }
    while (this.#bytes > this.#limits.total && account.bodies.has(body)) {
      this.#evictOldest(...this.#largest() ?? [client, account], 'body_bytes')
    }
    return account.bodies.has(body)
  }

  /** Protects a complete body from eviction. */
  complete (client: string, body: BufferedBody): void {
    const held = this.#accounts.get(client)?.bodies.get(body)
    if (held) held.isComplete = true
  }

  /** Idempotent. */
  release (client: string, body: BufferedBody): void {
    const account = this.#accounts.get(client)
    const held = account?.bodies.get(body)
    if (!account || !held) return
    account.bodies.delete(body)
    account.bytes -= held.bytes
    this.#bytes -= held.bytes
    if (account.bodies.size === 0) this.#accounts.delete(client)
  }

  /** The client that holds most, of those with an unfinished body. */
  #largest (): [string, Account] | undefined {
    let largest: [string, Account] | undefined
    for (const entry of this.#accounts) {
      if (entry[1].bytes > (largest?.[1].bytes ?? 0) && oldestUnfinished(entry[1])) largest = entry
    }
    return largest
  }

  #evictOldest (client: string, account: Account, reason: EvictionReason): void {
    const body = oldestUnfinished(account)!
    this.release(client, body)
    body.evict(reason)
  }
}

function oldestUnfinished ({ bodies }: Account): BufferedBody | undefined {
  for (const [body, { isComplete }] of bodies) if (!isComplete) return body
  return undefined
}
