/** Test support for all services. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, expect, jest } from '@jest/globals'
import type { ServiceConfig } from '../src/config.ts'
import { createService, type Service } from '../src/service.ts'

const cleanups: Array<() => unknown> = []
afterEach(async () => {
  const failures: unknown[] = []
  for (const cleanup of cleanups.splice(0).reverse()) {
    try {
      await cleanup()
    } catch (error) {
      failures.push(error) // run the remaining ones
    }
  }
  if (failures.length > 0) throw failures[0]
})

/** Runs `work` after the current test, the last registered first. */
export function cleanUp (work: () => unknown): void {
  cleanups.push(work)
}

/** What fake timers must leave real, so that the event loop runs on. */
export const EVENT_LOOP = [
  'nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'hrtime'
] as const
const TIMERS = [
  'clearImmediate', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'
] as const

/** Sets the date until the test ends. Timers run on. */
export function setClock (now: string | number): void {
  jest.useFakeTimers({ now: new Date(now), doNotFake: [...EVENT_LOOP, ...TIMERS] })
  cleanUp(() => { jest.useRealTimers() })
}

/** @param atEnd registers its removal; after the test by default */
export function temporaryFolder (atEnd = cleanUp): string {
  const folder = mkdtempSync(join(tmpdir(), 'guestbook-'))
  atEnd(() => { rmSync(folder, { recursive: true, force: true }) })
  return folder
}

/** Polls until the condition holds. @throws Error naming the condition after the timeout */
export async function until (
  condition: string,
  holds: () => boolean | Promise<boolean>,
  timeoutMs = 20_000
): Promise<void> {
  const deadline = performance.now() + timeoutMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${condition}.`)
    await sleep(10)
  }
}

export interface TestService extends Service {
  /** All logged lines. */
  readonly lines: Array<Record<string, unknown>>
}

/** A service that collects its log lines. */
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

/** A problem document with this title, and any traceId unless `more` has one. */
export const problem = (status: number, title: string, detail: unknown, more: object = {}) => ({
  type: `urn:guestbook:problem:${title.toLowerCase().replaceAll(' ', '-')}`,
  title,
  status,
  detail,
  traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
  ...more
})

/** A metric family without its values. */
export interface Family { name: string, type: string, labels: string[], buckets?: number[] }

/** The metric families that the service declares, by name. */
export async function familiesOf ({ metrics }: Service): Promise<Family[]> {
  const declared = new Map((metrics.registry.getMetricsAsArray() as unknown as Declared[])
    .map(({ name, labelNames, upperBounds }) => [name, { labels: labelNames, upperBounds }]))
  return (await metrics.registry.getMetricsAsJSON())
    .filter(({ name }) => /^(guestbook_|http_|process_(uptime|uncaught))/.test(name))
    .map(({ name, type }) => {
      const { labels, upperBounds } = declared.get(name)!
      return { name, type: String(type), labels, ...(upperBounds && { buckets: upperBounds }) }
    })
    .sort((one, other) => one.name < other.name ? -1 : 1)
}

interface Declared { name: string, labelNames: string[], upperBounds?: number[] }
