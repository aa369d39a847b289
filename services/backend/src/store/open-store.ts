import type { Logger } from '@guestbook/service-kit'
import { ConfigError } from '@guestbook/service-kit/config'
import type { Config } from '../config.ts'
import type { MessageStore } from './message-store.ts'

/**
 * Opens MongoDB if a connection string is set, otherwise the embedded store. Loads only one module.
 * @throws ConfigError if the driver rejects the connection string
 */
export async function openStore (
  config: Pick<Config, 'MONGODB_URI' | 'DATA_DIR'>,
  log: Logger
): Promise<MessageStore> {
  if (config.MONGODB_URI) {
    const { MongoStore } = await import('./mongo-store.ts')
    try {
      return new MongoStore({
        uri: config.MONGODB_URI,
        onRetry: error => { log.warn({ err: error }, 'MongoDB is unreachable, retrying') }
      })
    } catch (error) {
      throw new ConfigError([
        `MONGODB_URI=(secret) is rejected by the driver: ${(error as Error).message}`
      ])
    }
  }
  const { SqliteStore } = await import('./sqlite-store.ts')
  return new SqliteStore(config.DATA_DIR)
}
