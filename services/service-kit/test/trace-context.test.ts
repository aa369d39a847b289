import { expect, test } from '@jest/globals'
import { traceHeaders } from '../src/index.ts'
import { spanId, traceIdOf } from '../src/trace-context.ts'
import { inSpan, SPAN_ID, TRACE_ID } from './tracing.ts'

const HEX_32 = /^(?!0{32})[0-9a-f]{32}$/

test('a request brings its trace id along', () => {
  expect(traceIdOf({ traceparent: `00-${TRACE_ID}-${SPAN_ID}-01` })).toBe(TRACE_ID)
})

test('without a valid one it gets one of its own', () => {
  const wrong = [undefined, '', 'nonsense', `00-${TRACE_ID}-${SPAN_ID}`, `00-${TRACE_ID.toUpperCase()}-${SPAN_ID}-01`, `00-${'0'.repeat(32)}-${SPAN_ID}-01`,
    `00-${TRACE_ID}-${'0'.repeat(16)}-01`, `ff-${TRACE_ID}-${SPAN_ID}-01`, `00-${TRACE_ID}"><script>-${SPAN_ID}-01`, `00-${TRACE_ID}-${SPAN_ID}-01\n`]
  for (const traceparent of wrong) {
    const made = traceIdOf({ traceparent })
    expect([traceparent, made]).toEqual([traceparent, expect.stringMatching(HEX_32)])
    expect(made).not.toBe(TRACE_ID)
  }
  expect(traceIdOf({})).not.toBe(traceIdOf({}))
})

test('without tracing the trace is handed on by header, as one nobody recorded', () => {
  expect(traceHeaders(TRACE_ID)).toEqual({ traceparent: expect.stringMatching(new RegExp(`^00-${TRACE_ID}-(?!0{16})[0-9a-f]{16}-00$`)) })
  expect(spanId()).toMatch(/^[0-9a-f]{16}$/)
})

test('with tracing the span decides, and its instrumentation sends the header', async () => {
  await inSpan(async () => {
    expect(traceIdOf({ traceparent: `00-${'f'.repeat(32)}-${SPAN_ID}-01` })).toBe(TRACE_ID)
    expect(spanId()).toBe(SPAN_ID)
    expect(traceHeaders('f'.repeat(32))).toEqual({})
  })
})
