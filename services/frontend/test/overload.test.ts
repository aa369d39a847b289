import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, expect, jest, test } from '@jest/globals'
import { json, startFakeBackend, STORED } from './fake-backend.ts'
import { A_REFERENCE, build, buildBoth, listen, until } from './helper.ts'
import { formOn, referenceOn, titleOn } from './html.ts'

afterEach(() => { jest.useRealTimers() })

test('an overloaded frontend responds with a page, Retry-After and a reference', async () => {
  // The delay of the event loop is sampled once a second. Advancing the fake clock by a second
  // within one turn simulates a blocked loop.
  jest.useFakeTimers({
    doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'hrtime', 'Date']
  })
  const frontend = { MAX_EVENT_LOOP_DELAY_MS: '1000' }
  const { visitor, backend } = await buildBoth({ frontend })
  jest.advanceTimersByTime(1000)
  jest.advanceTimersByTime(1000)
  for (const [response, caching] of [
    [await visitor.get(), 'no-store'],
    [await visitor.sign({ name: 'Ann', message: 'Hello' }), 'private, no-cache']
  ] as const) {
    const { statusCode, headers, body } = response
    expect([statusCode, titleOn(body)]).toEqual([503, 'Very busy'])
    const type = 'text/html; charset=utf-8'
    const expected = { 'retry-after': '5', 'content-type': type, 'cache-control': caching }
    expect(headers).toMatchObject(expected)
    expect(referenceOn(body)).toMatch(A_REFERENCE)
  }
  expect((await visitor.get('/health')).statusCode).toBe(200)
  expect(await backend.stored()).toEqual([])
})

test('a draining frontend still serves requests and closes their connections', async () => {
  const { service, visitor } = await buildBoth()
  service.health.drain()
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
  const readiness = (await visitor.get('/ready')).json()
  expect(readiness).toEqual({ status: 'unready', problems: ['draining'] })
})

test('a post beyond MAX_POSTS_IN_FLIGHT gets its draft back without a backend call', async () => {
  const stored = json(201, STORED)
  const held: Array<() => unknown> = []
  const { url, received } = await startFakeBackend((...call) => {
    held.push(() => stored(...call))
  })
  const { visitor } = await build({ MAX_POSTS_IN_FLIGHT: '1', BACKEND_URL: url })
  const first = visitor.sign({ name: 'Ann', message: 'First' })
  await until('the first post is in flight', () => received.length === 1)
  const { statusCode, headers, body } = await visitor.sign({ name: 'Bob', message: 'Second' })
  expect(statusCode).toBe(503)
  expect(headers).toMatchObject({ 'retry-after': '5', 'cache-control': 'private, no-cache' })
  expect(formOn(body)).toMatchObject({
    name: 'Bob',
    message: 'Second',
    alert: expect.stringContaining('Please try again in a moment')
  })
  expect(received).toHaveLength(1)
  held[0]?.()
  expect((await first).statusCode).toBe(303)
})

test('a malformed HTTP request gets a page with a reference', async () => {
  const { app, service } = await build()
  const { hostname, port } = new URL(await listen(app))
  const socket = connect(Number(port), hostname)
  socket.write('BREW / HTTP/1.1\r\n\r\n')
  const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n')
  expect(head).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nContent-Type: text\/html; charset=utf-8\r\n/)
  expect(body).toContain('<h1>We could not read that</h1>')
  const line = service.lines.find(({ msg }) => msg === 'malformed HTTP request')
  expect(body).toContain(`Reference: ${line?.trace_id}`)
})
