import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { nextMessageId } from './message-id.ts'
import {
  IDEMPOTENCY_TTL_MS, replayOrConflict, StoreUnavailable, VersionConflict, type Creation,
  type Message, type MessageStore, type NewMessage, type Page
} from './message-store.ts'

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS messages (
    id              TEXT PRIMARY KEY,
    name            TEXT NOT NULL,
    message         TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    hidden          INTEGER NOT NULL DEFAULT 0,
    idempotency_key TEXT UNIQUE,
    version         INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS messages_by_visibility ON messages (hidden, id DESC);
  DROP INDEX IF EXISTS visible_messages; -- created by older releases
  CREATE INDEX IF NOT EXISTS keys_by_age ON messages (created_at) WHERE idempotency_key IS NOT NULL;
  CREATE TABLE IF NOT EXISTS write_probe (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
`
/** SQLite's result code for a locked database. */
const SQLITE_BUSY = 5
/** More than any message needs. */
const LARGEST_MESSAGE_BYTES = 32 * 1024

interface Row {
  id: string
  name: string
  message: string
  created_at: number
  hidden: number
  version: number
}

const toMessage = ({ created_at: createdAt, hidden, id, name, message, version }: Row): Message =>
  ({ id, name, message, createdAt: new Date(createdAt), hidden: hidden === 1, version })

/** The embedded store: one durable file in the data folder, for one process at a time. */
export class SqliteStore implements MessageStore {
  readonly #db: DatabaseSync
  readonly #statements
  /** The last write failed, for example on a full disk. Reads still work. */
  #isReadOnly = false

  /** @throws StoreUnavailable if the folder is unusable or another process uses it */
  constructor (dataDir: string) {
    try {
      mkdirSync(dataDir, { recursive: true, mode: 0o700 })
      this.#db = new DatabaseSync(join(dataDir, 'guestbook.db'))
      // The exclusive lock admits one process; the kernel releases it if the process is killed.
      this.#db.exec(
        'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;'
      )
      this.#db.exec(SCHEMA)
      const columns = this.#db.prepare('SELECT * FROM messages').columns()
      const hasVersion = columns.some(({ name }) => name === 'version') // not in older releases
      if (!hasVersion) {
        this.#db.exec('ALTER TABLE messages ADD COLUMN version INTEGER NOT NULL DEFAULT 0')
      }
    } catch (error) {
      const reason =
        (error as { errcode?: number }).errcode === SQLITE_BUSY
          ? 'another process uses it'
          : (error as Error).message
      throw new StoreUnavailable(`The data folder ${dataDir} cannot be used: ${reason}.`, {
        cause: error
      })
    }
    const prepare = (sql: string) => this.#db.prepare(sql)
    this.#statements = {
      insert: prepare(
        'INSERT INTO messages (id, name, message, created_at, idempotency_key) ' +
          'VALUES (?, ?, ?, ?, ?)'
      ),
      byKey: prepare('SELECT * FROM messages WHERE idempotency_key = ?'),
      forgetKey: prepare('UPDATE messages SET idempotency_key = NULL WHERE id = ?'),
      forgetKeys: prepare(
        'UPDATE messages SET idempotency_key = NULL ' +
          'WHERE idempotency_key IS NOT NULL AND created_at < ?'
      ),
      newestId: prepare('SELECT id FROM messages ORDER BY id DESC LIMIT 1'),
      newest: prepare('SELECT * FROM messages WHERE hidden = ? ORDER BY id DESC LIMIT ?'),
      older: prepare('SELECT * FROM messages WHERE hidden = ? AND id < ? ORDER BY id DESC LIMIT ?'),
      byId: prepare('SELECT * FROM messages WHERE id = ?'),
      setHidden: prepare(
        'UPDATE messages SET hidden = ?, version = version + 1 WHERE id = ? RETURNING *'
      ),
      tryWriting: prepare(
        `INSERT OR REPLACE INTO write_probe VALUES (1, zeroblob(${LARGEST_MESSAGE_BYTES}))`
      )
    }
  }

  async create ({ name, message }: NewMessage, idempotencyKey?: string): Promise<Creation> {
    return this.#write(() => {
      const now = Date.now()
      if (idempotencyKey !== undefined) {
        const existing = this.#statements.byKey.get(idempotencyKey) as Row | undefined
        if (existing && now - existing.created_at < IDEMPOTENCY_TTL_MS) {
          return replayOrConflict(toMessage(existing), { name, message })
        }
        if (existing) this.#statements.forgetKey.run(existing.id)
      }
      const id = nextMessageId(
        (this.#statements.newestId.get() as Pick<Row, 'id'> | undefined)?.id,
        now
      )
      this.#statements.insert.run(id, name, message, now, idempotencyKey ?? null)
      return {
        outcome: 'created',
        message: { id, name, message, createdAt: new Date(now), hidden: false, version: 0 }
      }
    })
  }

  async list ({ limit, before, hidden = false }: Page): Promise<Message[]> {
    return this.#run(() => {
      const { newest, older } = this.#statements
      const flag = hidden ? 1 : 0
      const rows = before === undefined ? newest.all(flag, limit) : older.all(flag, before, limit)
      return (rows as unknown as Row[]).map(toMessage)
    })
  }

  async get (id: string): Promise<Message | null> {
    return this.#run(() => this.#one(this.#statements.byId.get(id)))
  }

  async setHidden (id: string, hidden: boolean, ifVersion?: number): Promise<Message | null> {
    return this.#write(() => {
      const existing = this.#one(this.#statements.byId.get(id))
      if (existing && ifVersion !== undefined && ifVersion !== existing.version) {
        throw new VersionConflict(existing.version)
      }
      return this.#one(this.#statements.setHidden.get(hidden ? 1 : 0, id))
    })
  }

  async forgetKeys (createdBefore: Date): Promise<number> {
    // Not #write: without such keys it writes nothing, and proves nothing about writes.
    return this.#run(() => Number(this.#statements.forgetKeys.run(createdBefore.getTime()).changes))
  }

  /** After a failed write the store is down until a write succeeds. */
  async ping (): Promise<void> {
    if (this.#isReadOnly) this.#write(() => this.#statements.tryWriting.run())
    else this.#run(() => this.#db.prepare('SELECT 1').get())
  }

  async close (): Promise<void> {
    if (this.#db.isOpen) this.#db.close()
  }

  #one (row: unknown): Message | null {
    return row ? toMessage(row as Row) : null
  }

  #write<T> (work: () => T): T {
    try {
      const result = this.#run(work)
      this.#isReadOnly = false
      return result
    } catch (error) {
      if (error instanceof StoreUnavailable) this.#isReadOnly = true
      throw error
    }
  }

  /** Maps errors of the database (disk full, closed) to StoreUnavailable. */
  #run<T> (work: () => T): T {
    try {
      return work()
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code?.startsWith('ERR_')) {
        throw new StoreUnavailable(`The embedded store failed: ${(error as Error).message}.`, {
          cause: error
        })
      }
      throw error
    }
  }
}
