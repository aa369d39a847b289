import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { buildBoth } from './helper.ts'
import { referenceOn, titleOn } from './html.ts'
import { Visitor } from './visitor.ts'

// The event loop is measured once a second. Fake time lets a second pass without the loop turning, as if it were blocked.
beforeEach(() => { jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'hrtime', 'Date'] }) })
afterEach(() => { jest.useRealTimers() })

test('a frontend that cannot keep up says so on a page, with the time to come back and a reference', async () => {
  const { app, backend } = await buildBoth({ frontend: { MAX_EVENT_LOOP_DELAY_MS: '1000' } })
  const visitor = new Visitor(app)
  jest.advanceTimersByTime(1000)
  jest.advanceTimersByTime(1000)
  for (const { statusCode, headers, body } of [await visitor.get(), await visitor.sign({ name: 'Ann', message: 'Hello' })]) {
    expect([statusCode, headers['retry-after'], headers['content-type'], headers['cache-control'], titleOn(body)])
      .toEqual([503, '5', 'text/html; charset=utf-8', 'no-store', 'Very busy'])
    expect(referenceOn(body)).toMatch(/^[0-9a-f]{32}$/)
  }
  expect((await app.inject('/health')).statusCode).toBe(200)
  expect(await backend.stored()).toEqual([])
})

test('a frontend on its way out still serves and sends its clients elsewhere', async () => {
  const { app, service } = await buildBoth()
  service.health.drain()
  const visitor = new Visitor(app)
  const answers = [await visitor.get(), await visitor.sign({ name: 'Ann', message: 'Hello' }), await visitor.get('/nothing')]
  expect(answers.map(({ statusCode, headers }) => [statusCode, headers.connection])).toEqual([[200, 'close'], [303, 'close'], [404, 'close']])
  expect((await app.inject('/ready')).json()).toEqual({ status: 'unready', problems: ['draining'] })
})
