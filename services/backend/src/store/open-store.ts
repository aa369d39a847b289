import type { Logger } from '@guestbook/service-kit'
import { ConfigError } from '@guestbook/service-kit/config'
import type { Config } from '../config.ts'
import type { MessageStore } from './message-store.ts'

/**
 * MongoDB where a connection string is set, the embedded store elsewhere. Only the one that is used is loaded.
 * @throws ConfigError when the driver cannot make sense of the connection string.
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
        onRetry: error => {
          log.warn({ err: error }, 'MongoDB cannot be reached yet, trying again')
        }
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
