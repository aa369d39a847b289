import { expect, jest, test } from '@jest/globals'
import { build } from './helper.ts'
import { inSpan, SPAN_ID, TRACE_ID } from './tracing.ts'

async function buildRoutes (level: string) {
  const built = await build({
    env: { LOG_LEVEL: level },
    routes: app => {
      app.get('/items/:id', async () => 'fine')
      app.post('/items', async () => 'stored')
      app.get('/fails', async () => { throw new Error('broken') })
    }
  })
  return { ...built, requests: () => built.service.lines.filter(({ msg }) => msg === 'request') }
}

test('successful reads are logged as debug, changes and 4xx as info, 5xx as error', async () => {
  const { app, requests } = await buildRoutes('debug')
  await app.inject('/items/1')
  await app.inject({ method: 'HEAD', url: '/items/1' })
  await app.inject({ method: 'POST', url: '/items' })
  await app.inject('/nothing')
  await app.inject('/fails')
  const logged = requests().map(({ level, method, route, status_code: status }) =>
    [level, method, route, status])
  expect(logged).toEqual([
    ['debug', 'GET', '/items/:id', 200],
    ['debug', 'HEAD', '/items/:id', 200],
    ['info', 'POST', '/items', 200],
    ['info', 'GET', 'not_found', 404],
    ['error', 'GET', '/fails', 500]
  ])
})

test('successful reads are not logged at the default level', async () => {
  const { app, service } = await buildRoutes('info')
  await app.inject('/items/1')
  expect(service.lines).toEqual([])
  await app.inject({ method: 'POST', url: '/items' })
  expect(service.lines).toHaveLength(1)
})

test('a logger is created only for a request that logs', async () => {
  const { app, service } = await buildRoutes('info')
  const made = jest.spyOn(service.log, 'child')
  await app.inject('/items/1')
  expect(made).not.toHaveBeenCalled()
  await app.inject({ method: 'POST', url: '/items' })
  expect(made).toHaveBeenCalledTimes(1)
})

test('a line has these fields and no others', async () => {
  const { app, requests } = await buildRoutes('debug')
  await app.inject({
    method: 'POST',
    url: '/items',
    headers: { traceparent: `00-${TRACE_ID}-${SPAN_ID}-01` }
  })
  expect(requests()).toEqual([{
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    service: 'test-service',
    trace_id: TRACE_ID,
    span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
    method: 'POST',
    route: '/items',
    status_code: 200,
    duration_ms: expect.any(Number),
    msg: 'request'
  }])
})

test('no line contains query, path, cookies, authorization or body', async () => {
  const { app, service } = await buildRoutes('trace')
  const headers = {
    cookie: 'visitor=SECRET',
    authorization: 'Bearer SECRET',
    'user-agent': 'SECRET'
  }
  await app.inject({ url: '/items/SECRET?q=SECRET', headers })
  await app.inject({ url: '/fails?q=SECRET', headers })
  await app.inject({ url: '/SECRET', headers })
  await app.inject({
    method: 'POST',
    url: '/items',
    headers: { ...headers, 'content-type': 'application/json' },
    payload: '{"SECRET"'
  })
  expect(service.lines.filter(({ msg }) => msg === 'request')).toHaveLength(4)
  expect(JSON.stringify(service.lines)).not.toContain('SECRET')
})

test('with tracing enabled, lines have the ids of their span', async () => {
  const { app, requests } = await buildRoutes('debug')
  const headers = { traceparent: `00-${'f'.repeat(32)}-${'e'.repeat(16)}-01` }
  await inSpan(async () => await app.inject({ url: '/items/1', headers }))
  expect(requests()).toEqual([expect.objectContaining({ trace_id: TRACE_ID, span_id: SPAN_ID })])
})
