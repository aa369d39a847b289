import { LATENCY_BUCKETS, type Service } from '@guestbook/service-kit'
import { Histogram } from 'prom-client'
import {
  IdempotencyConflict, StoreUnavailable, VersionConflict, type MessageStore
} from './message-store.ts'

/** Measures every operation, and applies the fault `storeDown`. */
export function observeStore (
  store: MessageStore,
  { metrics, faults }: Pick<Service, 'metrics' | 'faults'>
): MessageStore {
  const duration = new Histogram({
    name: 'guestbook_store_operation_duration_seconds',
    help: 'Duration of an operation of the message store in seconds, by operation and outcome ' +
      '(ok, conflict, unavailable, error).',
    labelNames: ['operation', 'outcome'],
    buckets: LATENCY_BUCKETS,
    registers: metrics.registers
  })

  async function observe<T> (operation: string, work: () => Promise<T>): Promise<T> {
    const stop = duration.startTimer({ operation })
    try {
      if (faults.storeDown) {
        throw new StoreUnavailable('The store is unavailable because of an injected fault.')
      }
      const result = await work()
      stop({ outcome: 'ok' })
      return result
    } catch (error) {
      stop({ outcome: outcomeOf(error) })
      throw error
    }
  }

  return {
    create: async (input, key) =>
      await observe('create', async () => await store.create(input, key)),
    list: async page => await observe('list', async () => await store.list(page)),
    get: async id => await observe('get', async () => await store.get(id)),
    setHidden: async (...change) =>
      await observe('set_hidden', async () => await store.setHidden(...change)),
    forgetKeys: async createdBefore =>
      await observe('forget_keys', async () => await store.forgetKeys(createdBefore)),
    ping: async () => await observe('ping', async () => await store.ping()),
    close: async () => await store.close()
  }
}

function outcomeOf (error: unknown): string {
  if (error instanceof IdempotencyConflict || error instanceof VersionConflict) return 'conflict'
  return error instanceof StoreUnavailable ? 'unavailable' : 'error'
}
