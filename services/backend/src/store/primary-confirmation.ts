import { coalesce, TIME_BUDGET } from '@guestbook/service-kit'

/**
 * Keeps reads from being answered by a primary that has a successor already. A primary that is cut
 * off does not know it for some seconds, and answers with what it last had. So a read waits until a
 * majority has confirmed the primary after the read began; reads that follow within
 * `primaryConfirmedMs` count on the same confirmation, since no election is over that soon.
 */
export class PrimaryConfirmation {
  readonly #confirm: () => Promise<void>
  #validUntil = -Infinity
  #isRenewing = false
  #primary: string | undefined

  /** `confirm` resolves when a majority follows the primary, and rejects when that is not known. */
  constructor (confirm: () => Promise<void>) {
    this.#confirm = coalesce(async () => {
      const [began, primary] = [performance.now(), this.#primary]
      await confirm()
      if (primary === this.#primary) this.#validUntil = began + TIME_BUDGET.primaryConfirmedMs
    })
  }

  /** Told by the driver which server it takes for the primary, in which election. */
  setPrimary (primary: string | undefined): void {
    if (primary !== this.#primary) this.#validUntil = -Infinity
    this.#primary = primary
  }

  /** The result of a read whose primary was confirmed and has stayed the same until the end. */
  async read<T> (find: () => Promise<T>): Promise<T> {
    return await this.#after(async () => { await this.#ensure() }, find)
  }

  /** The same with a confirmation that begins after the call. */
  async readAnew<T> (find: () => Promise<T>): Promise<T> {
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

  /** Ahead of time, so that under load no read waits. A failure is left to the read that needs it. */
  #renew (): void {
    if (this.#isRenewing) return
    this.#isRenewing = true
    void this.#confirm().catch(() => {}).finally(() => { this.#isRenewing = false })
  }
}
