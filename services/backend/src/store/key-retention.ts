import type { App, Logger } from '@guestbook/service-kit'
import { IDEMPOTENCY_TTL_MS, type MessageStore } from './message-store.ts'

/** How much longer than it counts a key may stay in the store. */
const EVERY_MS = 60 * 1000

/** Removes idempotency keys once they no longer count: they would tell which messages belong together. */
export function forgetKeysInTime (app: App, store: MessageStore, log: Logger): void {
  const forget = () => {
    store.forgetKeys(new Date(Date.now() - IDEMPOTENCY_TTL_MS)).then(
      keys => {
        if (keys > 0) log.info({ keys }, 'expired idempotency keys removed')
      },
      (error: unknown) => {
        log.warn({ err: error }, 'expired idempotency keys stay until the next attempt')
      }
    )
  }
  const timer = setInterval(forget, EVERY_MS).unref()
  app.addHook('onClose', () => { clearInterval(timer) })
}
