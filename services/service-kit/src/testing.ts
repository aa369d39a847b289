/** For tests of the services only: a service whose log lines are kept instead of written. */
import { Writable } from 'node:stream'
import type { ServiceConfig } from './config.ts'
import { createService, type Service } from './service.ts'

export interface TestService extends Service {
  /** Every line logged so far. */
  readonly lines: Array<Record<string, unknown>>
}

export function createTestService (name: string, config: ServiceConfig): TestService {
  const lines: TestService['lines'] = []
  const destination = new Writable({
    write (chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString().split('\n').filter(Boolean)) lines.push(JSON.parse(line))
      done()
    }
  })
  return { ...createService(name, config, destination), lines }
}
