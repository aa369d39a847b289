/**
 * Shortens the 15 s that a service has for requests in flight.
 * services/service-kit/test/run.test.ts checks their length.
 */
import { promisify } from 'node:util'

const CLOSE_MS = 15_000
const MOMENT_MS = 300
const real = setTimeout
const sleep = promisify(real)

// close-with-grace waits by the promise that goes with setTimeout.
globalThis.setTimeout = Object.defineProperty(
  ((...args: Parameters<typeof real>) => real(...args)) as typeof setTimeout,
  promisify.custom,
  {
    value: async (ms: number, ...rest: [unknown]) =>
      await sleep(ms === CLOSE_MS ? MOMENT_MS : ms, ...rest)
  }
)
