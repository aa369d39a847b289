import { expect, test } from '@jest/globals'
import { A_REFERENCE, build, buildBoth } from './helper.ts'
import { buildWithFake, problem } from './fake-backend.ts'
import { referenceOn } from './html.ts'

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c'
const TRACEPARENT = `00-${TRACE_ID}-b7ad6b7169203331-01`

test('the reference on the page of a rejected post is in the logs of both services', async () => {
  const { visitor, service, backend } = await buildBoth()
  const { statusCode, body } = await visitor.sign({ name: '', message: '' })
  const reference = referenceOn(body)
  expect([statusCode, reference]).toEqual([400, expect.stringMatching(A_REFERENCE)])
  const line = { msg: 'request', method: 'POST', status_code: 400, trace_id: reference }
  for (const { lines } of [service, backend.service]) {
    expect(lines).toContainEqual(expect.objectContaining(line))
  }
})

test('each request has its own reference, in the logs of both services', async () => {
  const { visitor, service, backend } = await buildBoth()
  const references = [
    referenceOn((await visitor.get('/?before=forged')).body),
    referenceOn((await visitor.get('/?before=forged')).body)
  ]
  expect(references[0]).not.toBe(references[1])
  for (const reference of references) {
    expect(reference).toMatch(A_REFERENCE)
    const line = { msg: 'request', method: 'GET', status_code: 400, trace_id: reference }
    for (const { lines } of [service, backend.service]) {
      expect(lines).toContainEqual(expect.objectContaining(line))
    }
  }
})

test('every backend call carries the trace', async () => {
  const { visitor, backend } = await buildWithFake(problem(400))
  const pages = [
    await visitor.get('/'),
    await visitor.get('/?before=x'),
    await visitor.sign({ name: 'a', message: 'b' })
  ]
  const references = pages.map(({ body }) => referenceOn(body))
  const sent = backend.received.map(({ headers: { traceparent } }) =>
    /^00-([0-9a-f]{32})-[0-9a-f]{16}-01$/.exec(String(traceparent))?.[1])
  expect(sent).toEqual(expect.arrayContaining(references))
})

test("a server error is logged with its cause and the visitor's reference", async () => {
  const { visitor, service } = await build()
  const { body } = await visitor.sign({ name: 'a', message: 'b' })
  const line = service.lines.find(({ msg }) => msg === 'request failed')
  expect(line).toMatchObject({
    level: 'error',
    trace_id: referenceOn(body),
    err: {
      type: 'BackendUnavailable',
      message: expect.stringMatching(/^The backend is unreachable\.: connect ECONNREFUSED/)
    }
  })
})

test.each(['', 'loopback'])(
  'trace headers of visitors are ignored (TRUST_PROXY=%s)',
  async trusted => {
    const { visitor } = await build({ TRUST_PROXY: trusted })
    const others = { 'x-request-id': TRACE_ID, 'request-id': TRACE_ID, 'x-b3-traceid': TRACE_ID }
    for (const traceparent of [
      TRACEPARENT, TRACEPARENT.replace(/1$/, '0'), '<script>', `00-${TRACE_ID}`, TRACE_ID
    ]) {
      const { body } = await visitor.get('/nothing', { traceparent, ...others })
      expect(referenceOn(body)).toMatch(A_REFERENCE)
      expect(referenceOn(body)).not.toBe(TRACE_ID)
    }
  }
)
