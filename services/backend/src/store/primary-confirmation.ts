import { coalesce, TIME_BUDGET } from '@guestbook/service-kit'

/**
 * Prevents stale reads from a primary that was replaced: a partitioned primary does not notice for
 * some seconds. So a read waits until a majority has confirmed the primary after the read started.
 * Reads within the next `primaryConfirmedMs` share the confirmation, as an election takes longer.
 */
export class PrimaryConfirmation {
  readonly #confirm: () => Promise<void>
  #validUntil = -Infinity
  #isRenewing = false
  #primary: string | undefined

  /** @param confirm resolves if a majority follows the primary, rejects if that is unknown */
  constructor (confirm: () => Promise<void>) {
    this.#confirm = coalesce(async () => {
      const [began, primary] = [performance.now(), this.#primary]
      await confirm()
      if (primary === this.#primary) this.#validUntil = began + TIME_BUDGET.primaryConfirmedMs
    })
  }

  /** @param primary the primary and its election, as the driver knows them */
  setPrimary (primary: string | undefined): void {
    if (primary !== this.#primary) this.#validUntil = -Infinity
    this.#primary = primary
  }

  /** Repeats `find` until the confirmed primary was the same before and after it. */
  async read<T> (find: () => Promise<T>): Promise<T> {
    return await this.#after(async () => { await this.#ensure() }, find)
  }

  /** As `read`, with a confirmation that starts after the call. */
  async readFresh<T> (find: () => Promise<T>): Promise<T> {
    return await this.#after(this.#confirm, find)
  }

  async #after<T> (confirmation: () => Promise<void>, find: () => Promise<T>): Promise<T> {
    for (;;) {
      const primary = this.#primary
      await confirmation()
      const found = await find()
      if (primary === this.#primary) return found
    }
  }

  async #ensure (): Promise<void> {
    const leftMs = this.#validUntil - performance.now()
    if (leftMs <= 0) await this.#confirm()
    else if (leftMs < TIME_BUDGET.primaryConfirmedMs / 2) this.#renew()
  }

  /** Renews early, so that under load no read waits. Errors are left to the next read. */
  #renew (): void {
    if (this.#isRenewing) return
    this.#isRenewing = true
    void this.#confirm().catch(() => {}).finally(() => { this.#isRenewing = false })
  }
}
