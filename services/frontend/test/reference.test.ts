import { expect, test } from '@jest/globals'
import { build, buildBoth, NOWHERE } from './helper.ts'
import { problem, startFakeBackend } from './fake-backend.ts'
import { referenceOn } from './html.ts'
import { Visitor } from './visitor.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const headers = { traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01` }

test('the reference on an error page is the trace id that came with the request, and is in the lines of both services', async () => {
  const { app, service, backend } = await buildBoth()
  const { statusCode, body } = await new Visitor(app).sign({ name: '', message: '' }, headers)
  expect([statusCode, referenceOn(body)]).toEqual([400, TRACE_ID])
  expect(service.lines).toContainEqual(expect.objectContaining({ msg: 'request', route: '/', status_code: 400, trace_id: TRACE_ID }))
  expect(backend.service.lines).toContainEqual(expect.objectContaining({ msg: 'request', method: 'POST', status_code: 400, trace_id: TRACE_ID }))
})

test('a visitor who brings none gets one, found in the lines of both services too', async () => {
  const { app, service, backend } = await buildBoth()
  const visitor = new Visitor(app)
  const references = [referenceOn((await visitor.get('/?before=forged')).body), referenceOn((await visitor.get('/?before=forged')).body)]
  expect(references[0]).not.toBe(references[1])
  for (const reference of references) {
    expect(reference).toMatch(/^[0-9a-f]{32}$/)
    for (const { lines } of [service, backend.service]) {
      expect(lines).toContainEqual(expect.objectContaining({ msg: 'request', method: 'GET', status_code: 400, trace_id: reference }))
    }
  }
})

test('the backend gets the trace with every call', async () => {
  const backend = await startFakeBackend(problem(400))
  const { app } = await build({ BACKEND_URL: backend.url })
  const visitor = new Visitor(app)
  await visitor.get('/', headers)
  await visitor.get('/?before=x', headers)
  await visitor.sign({ name: 'a', message: 'b' }, headers)
  expect(backend.received.length).toBeGreaterThanOrEqual(3)
  for (const call of backend.received) expect(call.headers.traceparent).toMatch(new RegExp(`^00-${TRACE_ID}-[0-9a-f]{16}-00$`))
})

test('an error that is ours is logged with its cause under the reference the visitor sees', async () => {
  const { app, service } = await build({ BACKEND_URL: NOWHERE })
  const { body } = await new Visitor(app).sign({ name: 'a', message: 'b' }, headers)
  expect(referenceOn(body)).toBe(TRACE_ID)
  expect(service.lines).toContainEqual(expect.objectContaining({
    level: 'error',
    msg: 'request failed',
    trace_id: TRACE_ID,
    err: expect.objectContaining({ type: 'BackendUnavailable', message: expect.stringMatching(/^The backend cannot be reached\.: connect ECONNREFUSED/) })
  }))
})

test('a reference is never taken from what else a visitor may send', async () => {
  const { app } = await build()
  for (const traceparent of ['<script>', `00-${TRACE_ID}`, `${TRACE_ID}`, `00-${'0'.repeat(32)}-b7ad6b7169203331-01`]) {
    const { body } = await new Visitor(app).get('/nothing', { traceparent, 'x-request-id': 'mine', 'request-id': 'mine' })
    expect(referenceOn(body)).toMatch(/^[0-9a-f]{32}$/)
    expect(referenceOn(body)).not.toBe(TRACE_ID)
  }
})
