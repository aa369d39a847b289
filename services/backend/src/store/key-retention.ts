import type { App, Logger } from '@guestbook/service-kit'
import { IDEMPOTENCY_TTL_MS, type MessageStore } from './message-store.ts'

const INTERVAL_MS = 60 * 1000

/** Removes expired idempotency keys, which would link messages of one author. */
export function forgetExpiredKeys (app: App, store: MessageStore, log: Logger): void {
  const forget = () => {
    store.forgetKeys(new Date(Date.now() - IDEMPOTENCY_TTL_MS)).then(
      keys => {
        if (keys > 0) log.info({ keys }, 'expired idempotency keys removed')
      },
      (error: unknown) => {
        log.warn({ err: error }, 'could not remove expired idempotency keys, retrying later')
      }
    )
  }
  const timer = setInterval(forget, INTERVAL_MS).unref()
  app.addHook('onClose', () => { clearInterval(timer) })
}
