import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { loadConfig } from '@guestbook/service-kit'
import { createTestService } from '@guestbook/service-kit/testing'
import { ConfigSchema } from '../src/config.ts'
import { MongoStore } from '../src/store/mongo-store.ts'
import { openStore } from '../src/store/open-store.ts'
import { SqliteStore } from '../src/store/sqlite-store.ts'
import { cleanUp, temporaryFolder, until } from './helper.ts'

async function open (env: Record<string, string>) {
  const config = loadConfig(ConfigSchema, env)
  const { log, lines } = createTestService('guestbook-backend', config)
  const store = await openStore(config, log)
  cleanUp(async () => { await store.close() })
  return { store, lines }
}

test('without a connection string the store creates the data folder', async () => {
  const folder = join(temporaryFolder(), 'a', 'b')
  const { store } = await open({ DATA_DIR: folder })
  expect(store).toBeInstanceOf(SqliteStore)
  expect(existsSync(join(folder, 'guestbook.db'))).toBe(true)
})

test('with a connection string the store waits for MongoDB, and logs no password', async () => {
  const folder = join(temporaryFolder(), 'unused')
  const { store, lines } = await open({
    DATA_DIR: folder,
    MONGODB_URI: 'mongodb://guestbook:hunter2@127.0.0.1:1/guestbook'
  })
  expect(store).toBeInstanceOf(MongoStore)
  await until('the log says so', () => lines.length > 0)
  expect(lines[0]).toMatchObject({
    level: 'warn',
    msg: 'MongoDB is unreachable, retrying',
    err: { message: expect.stringContaining('ECONNREFUSED') }
  })
  expect(JSON.stringify(lines)).not.toContain('hunter2')
  expect(existsSync(folder)).toBe(false)
})
