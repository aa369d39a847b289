import type { IncomingMessage } from 'node:http'
import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { traceHeaders } from '../src/index.ts'
import { spanId, traceIdOf, trustTraceCallers } from '../src/trace-context.ts'
import { inSpan, SPAN_ID, TRACE_ID } from './tracing.ts'

const HEX_32 = /^(?!0{32})[0-9a-f]{32}$/
const SAMPLED = `00-${TRACE_ID}-${SPAN_ID}-01`
const NOT_SAMPLED = `00-${TRACE_ID}-${SPAN_ID}-00`

function idOf (callers: string, remoteAddress: string | undefined, headers: object): string {
  const request = { headers, socket: { remoteAddress } } as IncomingMessage
  return traceIdOf(request, trustTraceCallers(callers))
}

const CALLERS = 'loopback, 10.0.0.0/8,fd00::/8'
const TRUSTED = ['127.0.0.1', '::1', '10.1.2.3', '::ffff:10.1.2.3', '::ffff:127.0.0.1', 'fd00::7']
const STRANGERS = [
  '203.0.113.9', '::ffff:203.0.113.9', '11.0.0.1', 'fe00::7', '2001:db8::1', '', undefined
]

test.each(TRUSTED)('the trace of a trusted caller (%s) is continued, sampled or not', from => {
  for (const traceparent of [SAMPLED, NOT_SAMPLED]) {
    expect(idOf(CALLERS, from, { traceparent })).toBe(TRACE_ID)
  }
  // The frontend forwards the address of the visitor, but is not a proxy.
  const forwarded = { traceparent: SAMPLED, 'x-forwarded-for': '203.0.113.9' }
  expect(idOf(CALLERS, from, forwarded)).toBe(TRACE_ID)
})

type Case = [why: string, callers: string, from: string | undefined, headers: object]
const CLAIM = { 'x-forwarded-for': '127.0.0.1' }
test.each<Case>([
  ...STRANGERS.map((from): Case => ['it is a stranger', CALLERS, from, {}]),
  ...STRANGERS.map((from): Case => ['it claims to be trusted', CALLERS, from, CLAIM]),
  ...[...TRUSTED, ...STRANGERS].map((from): Case => ['no proxy is trusted', '', from, {}]),
  ...['forwarded', 'via', 'x-forwarded-host', 'x-forwarded-proto'].map((name): Case =>
    [`it is a proxy by its ${name}`, CALLERS, '10.1.2.3', { [name]: '' }])
])('a new trace if %s (callers %j, from %s)', (_why, callers, from, headers) => {
  for (const traceparent of [SAMPLED, NOT_SAMPLED]) {
    const made = idOf(callers, from, { traceparent, ...headers })
    expect(made).toMatch(HEX_32)
    expect(made).not.toBe(TRACE_ID)
  }
})

test('an invalid header is ignored, even from a trusted caller', () => {
  const wrong = [
    undefined,
    '',
    'nonsense',
    `00-${TRACE_ID}-${SPAN_ID}`,
    `00-${TRACE_ID.toUpperCase()}-${SPAN_ID}-01`,
    `00-${'0'.repeat(32)}-${SPAN_ID}-01`,
    `00-${TRACE_ID}-${'0'.repeat(16)}-01`,
    `ff-${TRACE_ID}-${SPAN_ID}-01`,
    `00-${TRACE_ID}"><script>-${SPAN_ID}-01`,
    `${SAMPLED}\n`,
    `${SAMPLED}, ${SAMPLED}`
  ]
  for (const traceparent of wrong) {
    const made = idOf(CALLERS, '127.0.0.1', { traceparent })
    expect([traceparent, made]).toEqual([traceparent, expect.stringMatching(HEX_32)])
    expect(made).not.toBe(TRACE_ID)
  }
  expect(idOf(CALLERS, '127.0.0.1', {})).not.toBe(idOf(CALLERS, '127.0.0.1', {}))
})

test('for any header, an id is 32 hexadecimal digits', () => {
  const pieces = fc.array(
    fc.constantFrom('0', 'a', 'F', '-', '00-', TRACE_ID, SPAN_ID, '-01', ' ', '\n', '\u0000'),
    { maxLength: 8 }
  )
  fc.assert(fc.property(fc.oneof(fc.string(), pieces.map(list => list.join(''))), traceparent => {
    expect(idOf(CALLERS, '127.0.0.1', { traceparent })).toMatch(HEX_32)
  }))
})

test('without tracing the header propagates the trace as sampled', () => {
  expect(traceHeaders(TRACE_ID)).toEqual({
    traceparent: expect.stringMatching(new RegExp(`^00-${TRACE_ID}-(?!0{16})[0-9a-f]{16}-01$`))
  })
  expect(spanId()).toMatch(/^[0-9a-f]{16}$/)
})

test('with tracing the instrumentation sends the header', async () => {
  await inSpan(async () => {
    const traceparent = `00-${'f'.repeat(32)}-${SPAN_ID}-01`
    expect(idOf(CALLERS, '127.0.0.1', { traceparent })).toBe(TRACE_ID)
    expect(spanId()).toBe(SPAN_ID)
    expect(traceHeaders('f'.repeat(32))).toEqual({})
  })
})
