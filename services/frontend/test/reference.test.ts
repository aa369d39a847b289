import { expect, test } from '@jest/globals'
import { build, buildBoth, UNREACHABLE_URL } from './helper.ts'
import { problem, startFakeBackend } from './fake-backend.ts'
import { referenceOn } from './html.ts'
import { Visitor } from './visitor.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const headers = { traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01` }
const A_REFERENCE = /^[0-9a-f]{32}$/

test('the reference on the page of a rejected post is in the logs of both services', async () => {
  const { app, service, backend } = await buildBoth()
  const { statusCode, body } = await new Visitor(app).sign({ name: '', message: '' })
  const reference = referenceOn(body)
  expect([statusCode, reference]).toEqual([400, expect.stringMatching(A_REFERENCE)])
  const line = { msg: 'request', method: 'POST', status_code: 400, trace_id: reference }
  for (const { lines } of [service, backend.service]) {
    expect(lines).toContainEqual(expect.objectContaining(line))
  }
})

test('each request has its own reference, in the logs of both services', async () => {
  const { app, service, backend } = await buildBoth()
  const visitor = new Visitor(app)
  const references = [
    referenceOn((await visitor.get('/?before=forged')).body),
    referenceOn((await visitor.get('/?before=forged')).body)
  ]
  expect(references[0]).not.toBe(references[1])
  for (const reference of references) {
    expect(reference).toMatch(A_REFERENCE)
    for (const { lines } of [service, backend.service]) {
      expect(lines).toContainEqual(
        expect.objectContaining({
          msg: 'request',
          method: 'GET',
          status_code: 400,
          trace_id: reference
        })
      )
    }
  }
})

test('every backend call carries the trace', async () => {
  const backend = await startFakeBackend(problem(400))
  const { app } = await build({ BACKEND_URL: backend.url })
  const visitor = new Visitor(app)
  const pages = [
    await visitor.get('/'),
    await visitor.get('/?before=x'),
    await visitor.sign({ name: 'a', message: 'b' })
  ]
  const references = pages.map(({ body }) => referenceOn(body))
  const sent = backend.received.map(
    ({ headers: { traceparent } }) =>
      /^00-([0-9a-f]{32})-[0-9a-f]{16}-01$/.exec(String(traceparent))?.[1]
  )
  expect(sent).toEqual(expect.arrayContaining(references))
})

test("a server error is logged with its cause and the visitor's reference", async () => {
  const { app, service } = await build({ BACKEND_URL: UNREACHABLE_URL })
  const { body } = await new Visitor(app).sign({ name: 'a', message: 'b' })
  expect(service.lines).toContainEqual(
    expect.objectContaining({
      level: 'error',
      msg: 'request failed',
      trace_id: referenceOn(body),
      err: expect.objectContaining({
        type: 'BackendUnavailable',
        message: expect.stringMatching(/^The backend is unreachable\.: connect ECONNREFUSED/)
      })
    })
  )
})

test.each(['', 'loopback'])(
  'trace headers of visitors are ignored (TRUST_PROXY=%s)',
  async trusted => {
    const { app } = await build({ TRUST_PROXY: trusted })
    for (const traceparent of [
      headers.traceparent,
      headers.traceparent.replace(/1$/, '0'),
      '<script>',
      `00-${TRACE_ID}`,
      TRACE_ID
    ]) {
      const sent = {
        traceparent,
        'x-request-id': TRACE_ID,
        'request-id': TRACE_ID,
        'x-b3-traceid': TRACE_ID
      }
      const { body } = await new Visitor(app).get('/nothing', sent)
      expect(referenceOn(body)).toMatch(A_REFERENCE)
      expect(referenceOn(body)).not.toBe(TRACE_ID)
    }
  }
)
