import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, expect, jest, test } from '@jest/globals'
import { build, buildBoth, cleanUp, listen, until } from './helper.ts'
import { formOn, referenceOn, titleOn } from './html.ts'
import { Visitor } from './visitor.ts'

afterEach(() => { jest.useRealTimers() })

test('an overloaded frontend responds with a page, Retry-After and a reference', async () => {
  // The delay of the event loop is sampled once a second. Advancing the fake clock by a second
  // within one turn simulates a blocked loop.
  jest.useFakeTimers({
    doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'hrtime', 'Date']
  })
  const { app, backend } = await buildBoth({ frontend: { MAX_EVENT_LOOP_DELAY_MS: '1000' } })
  const visitor = new Visitor(app)
  jest.advanceTimersByTime(1000)
  jest.advanceTimersByTime(1000)
  for (const [response, caching] of [
    [await visitor.get(), 'no-store'],
    [await visitor.sign({ name: 'Ann', message: 'Hello' }), 'private, no-cache']
  ] as const) {
    const { statusCode, headers, body } = response
    expect([
      statusCode,
      headers['retry-after'],
      headers['content-type'],
      headers['cache-control'],
      titleOn(body)
    ]).toEqual([503, '5', 'text/html; charset=utf-8', caching, 'Very busy'])
    expect(referenceOn(body)).toMatch(/^[0-9a-f]{32}$/)
  }
  expect((await app.inject('/health')).statusCode).toBe(200)
  expect(await backend.stored()).toEqual([])
})

test('a draining frontend still serves requests and closes their connections', async () => {
  const { app, service } = await buildBoth()
  service.health.drain()
  const visitor = new Visitor(app)
  const answers = [
    await visitor.get(),
    await visitor.sign({ name: 'Ann', message: 'Hello' }),
    await visitor.get('/nothing')
  ]
  expect(answers.map(({ statusCode, headers }) => [statusCode, headers.connection])).toEqual([
    [200, 'close'],
    [303, 'close'],
    [404, 'close']
  ])
  expect((await app.inject('/ready')).json()).toEqual({ status: 'unready', problems: ['draining'] })
})

test('a post beyond MAX_POSTS_IN_FLIGHT gets its draft back without a backend call', async () => {
  let calls = 0
  const silent = createServer(() => {
    calls++
  }).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { app } = await build({
    MAX_POSTS_IN_FLIGHT: '1',
    BACKEND_URL: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
  })
  cleanUp(() => {
    silent.close()
    silent.closeAllConnections()
  })
  const visitor = new Visitor(app)
  void visitor.sign({ name: 'Ann', message: 'First' }).catch(() => {})
  await until('the first post is in flight', () => calls === 1)
  const { statusCode, headers, body } = await visitor.sign({ name: 'Bob', message: 'Second' })
  expect([statusCode, headers['retry-after'], headers['cache-control']]).toEqual([
    503,
    '5',
    'private, no-cache'
  ])
  expect(formOn(body)).toMatchObject({
    name: 'Bob',
    message: 'Second',
    alert: expect.stringContaining('Please try again in a moment')
  })
  expect(calls).toBe(1)
})

test('a malformed HTTP request gets a page with a reference', async () => {
  const { app, service } = await build()
  const { hostname, port } = new URL(await listen(app))
  const socket = connect(Number(port), hostname)
  socket.write('BREW / HTTP/1.1\r\n\r\n')
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n')
  expect(head).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nContent-Type: text\/html; charset=utf-8\r\n/)
  expect(body).toContain('<h1>We could not read that</h1>')
  expect(body).toContain(
    `Reference: ${service.lines.find(({ msg }) => msg === 'malformed HTTP request')?.trace_id}`
  )
})
