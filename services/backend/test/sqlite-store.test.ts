import { spawnSync } from 'node:child_process'
import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { describe, expect, jest, test } from '@jest/globals'
import { StoreUnavailable } from '../src/store/message-store.ts'
import { SqliteStore } from '../src/store/sqlite-store.ts'
import { expectComplete, startWriter } from './crash.ts'
import { cleanUp, temporaryFolder } from './helper.ts'
import { storeContract } from './store-contract.ts'
import { fill } from './stored.ts'

function sqliteStore (folder: string): SqliteStore {
  const store = new SqliteStore(folder)
  cleanUp(async () => { await store.close() })
  return store
}

describe('the embedded store fulfils the contract:', () => {
  storeContract(() => {
    const folder = temporaryFolder()
    return async () => sqliteStore(folder)
  })
})

/** The connection that the next store opens. */
function connectionOf (open: () => SqliteStore): { store: SqliteStore, db: DatabaseSync } {
  const prepare = jest.spyOn(DatabaseSync.prototype, 'prepare')
  cleanUp(() => { prepare.mockRestore() })
  return { store: open(), db: prepare.mock.contexts[0] as DatabaseSync }
}

test.each([
  ['journal_mode', 'wal'], // reads during a write, and a commit is one append
  ['synchronous', 2], // FULL: acknowledged data survives a power failure
  ['locking_mode', 'exclusive'], // one process at a time
  ['foreign_keys', 1],
  ['timeout', 0], // a second process fails at once
  ['encoding', 'UTF-8']
])('the database is opened with %s = %s', (pragma, value) => {
  const { db } = connectionOf(() => sqliteStore(temporaryFolder()))
  const answer = db.prepare(`PRAGMA ${pragma === 'timeout' ? 'busy_timeout' : pragma}`).get()
  expect(answer).toEqual({ [pragma]: value })
})

test('created folders are accessible to their owner only', () => {
  const umask = process.umask(0)
  cleanUp(() => { process.umask(umask) })
  const parent = temporaryFolder()
  sqliteStore(join(parent, 'made', 'data'))
  const modeOf = (...path: string[]) => (statSync(join(parent, ...path)).mode & 0o777).toString(8)
  expect([modeOf('made'), modeOf('made', 'data')]).toEqual(['700', '700'])
  expect(readdirSync(join(parent, 'made', 'data'))).toEqual(['guestbook.db', 'guestbook.db-wal'])
})

test('the tables store only their declared columns', () => {
  const { db } = connectionOf(() => sqliteStore(temporaryFolder()))
  const tables = db.prepare(`SELECT name, wr, strict FROM pragma_table_list
    WHERE schema = 'main' AND name NOT LIKE 'sqlite%' ORDER BY name`).all()
  expect(tables).toEqual([
    { name: 'messages', wr: 1, strict: 1 }, { name: 'write_probe', wr: 0, strict: 1 }
  ])
  const columns = db.prepare("SELECT * FROM pragma_table_info('messages')").all()
  expect(columns.map(column => Object.values(column).slice(1))).toEqual([
    ['id', 'TEXT', 1, null, 1],
    ['name', 'TEXT', 1, null, 0],
    ['message', 'TEXT', 1, null, 0],
    ['created_at', 'INTEGER', 1, null, 0],
    ['hidden', 'INTEGER', 1, '0', 0],
    ['idempotency_key', 'TEXT', 0, null, 0],
    ['version', 'INTEGER', 1, '0', 0]
  ])
})

test('every acknowledged message survives a kill of the writing process', async () => {
  const folder = temporaryFolder()
  for (const round of [1, 2, 3]) {
    const writer = startWriter({ DATA_DIR: folder })
    await writer.untilAcknowledged(round * 200)
    await writer.kill()
    const store = sqliteStore(folder)
    await expectComplete(store, writer.acknowledged())
    await store.close()
  }
})

test('a second process on the same folder fails with the reason', async () => {
  const folder = temporaryFolder()
  const store = sqliteStore(folder)
  const [message] = await fill(store, 1)
  const server = fileURLToPath(new URL('../src/server.ts', import.meta.url))
  const second = spawnSync(process.execPath, [server], {
    env: { DATA_DIR: folder, PORT: '0', MANAGEMENT_PORT: '0' },
    encoding: 'utf8',
    timeout: 20_000
  })
  expect(second.status).toBe(1)
  expect(second.stderr).toContain(
    `The data folder ${folder} cannot be used: another process uses it.`
  )
  expect(await store.list({ limit: 2 })).toEqual([message])
})

test('a folder that cannot be created is reported', () => {
  const file = join(temporaryFolder(), 'file')
  writeFileSync(file, '')
  const open = () => new SqliteStore(join(file, 'data'))
  expect(open).toThrow(StoreUnavailable)
  expect(open).toThrow(`The data folder ${join(file, 'data')} cannot be used: ENOTDIR`)
})

test('a file that is not a database is rejected and left unchanged', () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'guestbook.db'), 'precious notes '.repeat(1000))
  expect(() => new SqliteStore(folder)).toThrow(
    `The data folder ${folder} cannot be used: file is not a database.`
  )
})

test('on a full volume reads work, and the store is down until a write succeeds', async () => {
  const prepare = jest.spyOn(DatabaseSync.prototype, 'prepare')
  cleanUp(() => { prepare.mockRestore() })
  const store = sqliteStore(temporaryFolder())
  const db = prepare.mock.contexts[0] as DatabaseSync
  const stored = await fill(store, 3)
  const { page_count: pages } = db.prepare('PRAGMA page_count').get() as { page_count: number }

  db.exec(`PRAGMA max_page_count = ${pages}`)
  const post = async () => await store.create({ name: 'Ada', message: 'x'.repeat(20_000) })
  await expect(post()).rejects.toThrow('The embedded store failed: database or disk is full.')
  expect(await store.list({ limit: 10 })).toEqual(stored.toReversed())
  expect(await store.forgetKeys(new Date())).toBe(0)
  await expect(store.ping()).rejects.toThrow(StoreUnavailable)

  // Space for a page may not suffice for the largest message.
  db.exec(`PRAGMA max_page_count = ${pages + 2}`)
  await expect(store.ping()).rejects.toThrow(StoreUnavailable)

  db.exec('PRAGMA max_page_count = 1000000')
  await store.ping()
  const probes = db.prepare('SELECT id, length(bytes) AS bytes FROM write_probe').all()
  expect(probes).toEqual([{ id: 1, bytes: 32_768 }])
  expect(await post()).toMatchObject({ outcome: 'created' })
})

test('a file of a release without versions is migrated with its messages', async () => {
  const folder = temporaryFolder()
  const db = new DatabaseSync(join(folder, 'guestbook.db'))
  db.exec(`CREATE TABLE messages (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, message TEXT NOT NULL, created_at INTEGER NOT NULL,
    hidden INTEGER NOT NULL DEFAULT 0, idempotency_key TEXT UNIQUE
  ) STRICT, WITHOUT ROWID`)
  db.exec('CREATE INDEX visible_messages ON messages (id) WHERE hidden = 0')
  db.exec(
    'INSERT INTO messages VALUES ' +
      "('01a1fc32-1e79-7197-af3b-f83f7078d241', 'Ann', 'Hello', 1000, 0, 'key')"
  )
  db.close()
  for (const version of [1, 2]) {
    const store = sqliteStore(folder)
    expect(await store.list({ limit: 10 })).toMatchObject([
      { name: 'Ann', message: 'Hello', version: version - 1 }
    ])
    const id = '01a1fc32-1e79-7197-af3b-f83f7078d241'
    expect(await store.setHidden(id, false)).toMatchObject({ version })
    await store.close()
  }
  const after = new DatabaseSync(join(folder, 'guestbook.db'))
  cleanUp(() => { after.close() })
  const indexes = after.prepare(`SELECT name FROM sqlite_schema
    WHERE type = 'index' AND sql IS NOT NULL ORDER BY name`).all()
  expect(indexes).toEqual([{ name: 'keys_by_age' }, { name: 'messages_by_visibility' }])
})

test('every statement uses an index, and pages are read in order', () => {
  const prepare = jest.spyOn(DatabaseSync.prototype, 'prepare')
  cleanUp(() => { prepare.mockRestore() })
  sqliteStore(temporaryFolder())
  const statements = prepare.mock.calls.map(([sql]) => sql).filter(sql => !sql.startsWith('INSERT'))
  const db = prepare.mock.contexts[0] as DatabaseSync
  const plans = statements.flatMap(sql =>
    db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all().map(({ detail }) => detail)
  )
  expect(plans).toEqual([
    'SCAN messages', // for the columns only
    'SEARCH messages USING INDEX sqlite_autoindex_messages_2 (idempotency_key=?)',
    'SEARCH messages USING PRIMARY KEY (id=?)',
    'SEARCH messages USING INDEX keys_by_age (created_at<?)',
    'SCAN messages', // by primary key, limit 1
    'SEARCH messages USING INDEX messages_by_visibility (hidden=?)',
    'SEARCH messages USING INDEX messages_by_visibility (hidden=? AND id<?)',
    'SEARCH messages USING PRIMARY KEY (id=?)',
    'SEARCH messages USING PRIMARY KEY (id=?)'
  ])
})
