import { afterAll, beforeAll } from '@jest/globals'
import { Database } from '../../system-tests/lib/database.ts'
import { TestEnvironment } from '../../system-tests/lib/test-environment.ts'

/** Starts one MongoDB per test file. Returns a function that returns its URI. */
export function useDatabase (): () => string {
  let environment: TestEnvironment
  let database: Database
  beforeAll(async () => {
    environment = new TestEnvironment('services')
    database = await Database.start(environment.folder)
    environment.add(database.server)
  }, 60_000)
  afterAll(async () => { await environment.close() })
  return () => database.uri('guestbook')
}
