import dns from 'node:dns'
import { setImmediate } from 'node:timers/promises'
import { expect, jest, test } from '@jest/globals'
import {
  hangUp, json, onPost, problem, raw, stall, startFakeBackend, stubTimeouts, type Responder
} from './fake-backend.ts'
import { build, cleanUp, UNREACHABLE_URL, until } from './helper.ts'
import { alertOn, titleOn } from './html.ts'
import { skipRetryPauses, stopTime } from './time.ts'
import type { Visitor } from './visitor.ts'

const FORM = { name: 'Ann', message: 'Hello' }
const UNREACHABLE = 'The guestbook cannot be reached just now.'
const TRY_AGAIN = `${UNREACHABLE} Nothing is lost: please try again in a moment.`
const OURS = 'Something went wrong on our side. ' +
  'Please try again. If it keeps happening, send us the reference below.'

skipRetryPauses()

interface Outcome {
  status: number
  retryAfter?: string
  /** Text of the alert, or the title of a page without one. */
  said: string
  /** Outcomes of the attempts to call the backend, with their number. */
  attempts: string[]
  log: Array<[level: string, message: string]>
}

/** What visitors, dashboards and logs show. */
async function outcomeOf (
  url: string, send: (visitor: Visitor) => ReturnType<Visitor['get']>
): Promise<Outcome> {
  const { visitor, series, service } = await build({ BACKEND_URL: url })
  const { statusCode: status, headers, body } = await send(visitor)
  const retryAfter = headers['retry-after'] as string | undefined
  const attempts = (await series('guestbook_backend_request_duration_seconds_count'))
    .map(line => line.replace(/^\{operation="(\w+)",outcome="(\w+)"\} /, '$1 $2 '))
  return {
    status,
    ...(retryAfter !== undefined && { retryAfter }),
    said: alertOn(body) ?? titleOn(body)!,
    attempts,
    log: service.lines.map(({ level, msg }) => [level as string, msg as string])
  }
}

const STALE: Outcome['log'] = [
  ['error', 'backend unavailable, serving stale messages'], ['error', 'request']
]
const FAILED: Outcome['log'] = [['error', 'request failed'], ['error', 'request']]
const UNAVAILABLE = { status: 503, retryAfter: '5' }
const READ_UNAVAILABLE = { ...UNAVAILABLE, said: UNREACHABLE, log: STALE }
const READ_FAILED = { status: 500, said: 'Something went wrong', log: FAILED }
const POST_UNAVAILABLE = { ...UNAVAILABLE, said: TRY_AGAIN, log: FAILED }
const POST_FAILED = { status: 500, said: OURS, log: FAILED }

test.each<[string, Responder, Outcome]>([
  ['hangs up', hangUp, { ...READ_UNAVAILABLE, attempts: ['newest unreachable 4'] }],
  ['returns 502', raw(502, ''), { ...READ_UNAVAILABLE, attempts: ['newest error 4'] }],
  ['returns 503', problem(503), { ...READ_UNAVAILABLE, attempts: ['newest error 4'] }],
  ['returns 504', raw(504, ''), { ...READ_UNAVAILABLE, attempts: ['newest error 4'] }],
  ['returns 500', problem(500), { ...READ_FAILED, attempts: ['newest error 1'] }],
  ['returns 501', problem(501), { ...READ_FAILED, attempts: ['newest error 1'] }],
  ['returns 505', problem(505), { ...READ_FAILED, attempts: ['newest error 1'] }],
  ['returns 404', problem(404), { ...READ_FAILED, attempts: ['newest refused 1'] }],
  ['returns 499', problem(499), { ...READ_FAILED, attempts: ['newest refused 1'] }],
  ['returns no page', json(200, {}), { ...READ_FAILED, attempts: ['newest ok 1'] }]
])('when the backend %s, the page fails accordingly', async (_how, answer, expected) => {
  const { url } = await startFakeBackend(answer)
  expect(await outcomeOf(url, async visitor => await visitor.get())).toEqual(expected)
})

const ODD_NAME = { detail: 'no', errors: [{ pointer: '#/name', detail: 'is odd' }] }
const READ = 'newest ok 1' // the messages below the form
const REFUSED = { attempts: [READ, 'post refused 1'], log: [['info', 'request']] as Outcome['log'] }

test.each<[string, Responder, Outcome]>([
  ['hangs up', hangUp, { ...POST_UNAVAILABLE, attempts: ['post unreachable 4'] }],
  ['returns 503', problem(503), { ...POST_UNAVAILABLE, attempts: ['post error 4'] }],
  ['returns 500', problem(500), { ...POST_FAILED, attempts: [READ, 'post error 1'] }],
  ['returns 404', problem(404), { ...POST_FAILED, attempts: [READ, 'post refused 1'] }],
  ['returns 401', problem(401), { ...POST_FAILED, attempts: [READ, 'post refused 1'] }],
  ['returns 400 for a field', json(400, ODD_NAME), {
    status: 400,
    said: 'Please check the fields marked below.',
    ...REFUSED
  }],
  ['returns 413', problem(413), {
    status: 413,
    said: 'What you sent is far too long for a guestbook. Please go back and shorten it.',
    ...REFUSED
  }],
  ['returns 429', problem(429, { 'retry-after': '7' }), {
    status: 429,
    retryAfter: '7',
    said: 'You have sent many messages in a short time. ' +
      'Please wait a minute and send this one again.',
    ...REFUSED
  }]
])('when the backend %s, the post fails accordingly', async (_how, answer, expected) => {
  const { url } = await startFakeBackend(onPost(answer))
  expect(await outcomeOf(url, async visitor => await visitor.sign(FORM))).toEqual(expected)
})

test('a backend that refuses connections is unreachable', async () => {
  expect(await outcomeOf(UNREACHABLE_URL, async visitor => await visitor.get()))
    .toEqual({ ...READ_UNAVAILABLE, attempts: ['newest unreachable 4'] })
})

test('a backend that does not respond is a timeout', async () => {
  stubTimeouts()
  const { url } = await startFakeBackend(stall)
  expect(await outcomeOf(url, async visitor => await visitor.get()))
    .toEqual({ ...READ_UNAVAILABLE, attempts: ['newest timeout 4'] })
})

test('a connection attempt times out after half a second', async () => {
  stopTime()
  // Name resolution never finishes, and attempts have no timeout.
  let dials = 0
  const lookup = jest.spyOn(dns, 'lookup')
    .mockImplementation((() => { dials++ }) as unknown as typeof dns.lookup)
  cleanUp(() => { lookup.mockRestore() })
  // Well below undici's default of ten seconds.
  const dialled = async (times: number) => {
    await until('it connects', () => dials === times, 5000)
  }
  const answer = outcomeOf('http://backend.example', async visitor => await visitor.get())
  await dialled(1)
  jest.advanceTimersByTime(499)
  for (let turn = 0; turn < 20; turn++) await setImmediate()
  expect(dials).toBe(1)
  jest.advanceTimersByTime(1)
  await dialled(2)
  jest.advanceTimersByTime(500)
  expect(await answer).toEqual({ ...READ_UNAVAILABLE, attempts: ['newest timeout 2'] })
})
