import dns from 'node:dns'
import { setImmediate } from 'node:timers/promises'
import { beforeEach, expect, jest, test } from '@jest/globals'
import {
  EMPTY_PAGE, hangUp, hurry, json, problem, raw, stall, startFakeBackend, type Answer
} from './fake-backend.ts'
import { build, cleanUp, NOWHERE, until } from './helper.ts'
import { titleOn } from './html.ts'
import { Visitor } from './visitor.ts'

const FORM = { name: 'Ann', message: 'Hello' }
const EMPTY = json(200, EMPTY_PAGE)
const UNREACHABLE = 'The guestbook cannot be reached just now.'
const TRY_AGAIN = `${UNREACHABLE} Nothing is lost: please try again in a moment.`
const OURS = 'Something went wrong on our side. ' +
  'Please try again. If it keeps happening, send us the reference below.'

beforeEach(() => {
  const random = jest.spyOn(Math, 'random').mockReturnValue(0) // retries come at once
  cleanUp(() => { random.mockRestore() })
})

interface Told {
  status: number
  retryAfter?: string
  /** What the alert says, or the title of a page without one. */
  said: string
  /** Outcome of every attempt at the backend. */
  attempts: string[]
  log: Array<[level: string, message: string]>
}

/** What a visitor, the dashboards and the log are told. */
async function told (
  url: string, ask: (visitor: Visitor) => ReturnType<Visitor['get']>
): Promise<Told> {
  const { app, series, service } = await build({ BACKEND_URL: url })
  const { statusCode: status, headers, body } = await ask(new Visitor(app))
  const retryAfter = headers['retry-after'] as string | undefined
  const attempts = (await series('guestbook_backend_request_duration_seconds_count'))
    .map(line => line.replace(/^.*operation="(\w+)",outcome="(\w+)"\} /, '$1 $2 '))
  return {
    status,
    ...(retryAfter !== undefined && { retryAfter }),
    said: /role="alert">\s*<p>(.*?)<\/p>/s.exec(body)?.[1] ?? titleOn(body)!,
    attempts,
    log: service.lines.map(({ level, msg }) => [level as string, msg as string])
  }
}

const STALE: Told['log'] = [['error', 'backend unavailable, serving stale messages'], ['error', 'request']]
const FAILED: Told['log'] = [['error', 'request failed'], ['error', 'request']]
const UNAVAILABLE = { status: 503, retryAfter: '5' }
const READ_UNAVAILABLE = { ...UNAVAILABLE, said: UNREACHABLE, log: STALE }
const READ_FAILED = { status: 500, said: 'Something went wrong', log: FAILED }
const POST_UNAVAILABLE = { ...UNAVAILABLE, said: TRY_AGAIN, log: FAILED }
const POST_FAILED = { status: 500, said: OURS, log: FAILED }

test.each<[string, Answer, Told]>([
  ['hangs up', hangUp, { ...READ_UNAVAILABLE, attempts: ['newest unreachable 4'] }],
  ['answers 502', raw(502, ''), { ...READ_UNAVAILABLE, attempts: ['newest error 4'] }],
  ['answers 503', problem(503), { ...READ_UNAVAILABLE, attempts: ['newest error 4'] }],
  ['answers 504', raw(504, ''), { ...READ_UNAVAILABLE, attempts: ['newest error 4'] }],
  ['answers 500', problem(500), { ...READ_FAILED, attempts: ['newest error 1'] }],
  ['answers 501', problem(501), { ...READ_FAILED, attempts: ['newest error 1'] }],
  ['answers 505', problem(505), { ...READ_FAILED, attempts: ['newest error 1'] }],
  ['answers 404', problem(404), { ...READ_FAILED, attempts: ['newest refused 1'] }],
  ['answers 499', problem(499), { ...READ_FAILED, attempts: ['newest refused 1'] }],
  ['answers what is no page', json(200, {}), { ...READ_FAILED, attempts: ['newest ok 1'] }]
])('when the backend %s, who reads is told so', async (_how, answer, expected) => {
  const { url } = await startFakeBackend(answer)
  expect(await told(url, async visitor => await visitor.get())).toEqual(expected)
})

const ODD_NAME = { detail: 'no', errors: [{ pointer: '#/name', detail: 'is odd' }] }
/** A post, and the newest messages below the form. */
const asPost = (answer: Answer): Answer => (response, request) =>
  (request.method === 'POST' ? answer : EMPTY)(response, request)

test.each<[string, Answer, Told]>([
  ['hangs up', hangUp, { ...POST_UNAVAILABLE, attempts: ['post unreachable 4'] }],
  ['answers 503', problem(503), { ...POST_UNAVAILABLE, attempts: ['post error 4'] }],
  ['answers 500', problem(500), { ...POST_FAILED, attempts: ['newest ok 1', 'post error 1'] }],
  ['answers 404', problem(404), { ...POST_FAILED, attempts: ['newest ok 1', 'post refused 1'] }],
  ['answers 401', problem(401), { ...POST_FAILED, attempts: ['newest ok 1', 'post refused 1'] }],
  ['answers 400 for a field', json(400, ODD_NAME), {
    status: 400,
    said: 'Please check the fields marked below.',
    attempts: ['newest ok 1', 'post refused 1'],
    log: [['info', 'request']]
  }],
  ['answers 413', problem(413), {
    status: 413,
    said: 'What you sent is far too long for a guestbook. Please go back and shorten it.',
    attempts: ['newest ok 1', 'post refused 1'],
    log: [['info', 'request']]
  }],
  ['answers 429', problem(429, { 'retry-after': '7' }), {
    status: 429,
    retryAfter: '7',
    said: 'You have sent many messages in a short time. ' +
      'Please wait a minute and send this one again.',
    attempts: ['newest ok 1', 'post refused 1'],
    log: [['info', 'request']]
  }]
])('when the backend %s, who posts is told so', async (_how, answer, expected) => {
  const { url } = await startFakeBackend(asPost(answer))
  expect(await told(url, async visitor => await visitor.sign(FORM))).toEqual(expected)
})

test('a backend that refuses connections is unreachable', async () => {
  expect(await told(NOWHERE, async visitor => await visitor.get()))
    .toEqual({ ...READ_UNAVAILABLE, attempts: ['newest unreachable 4'] })
})

test('a backend that does not answer is a timeout', async () => {
  hurry()
  const { url } = await startFakeBackend(stall)
  expect(await told(url, async visitor => await visitor.get()))
    .toEqual({ ...READ_UNAVAILABLE, attempts: ['newest timeout 4'] })
})

test('a network that swallows connections is a timeout, after half a second', async () => {
  jest.useFakeTimers({
    doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'hrtime']
  })
  // Nothing comes back, and an attempt itself has all the time there is.
  let dials = 0
  const lookup = jest.spyOn(dns, 'lookup')
    .mockImplementation((() => { dials++ }) as unknown as typeof dns.lookup)
  const patience = jest.spyOn(AbortSignal, 'timeout')
    .mockImplementation(() => new AbortController().signal)
  cleanUp(() => {
    lookup.mockRestore()
    patience.mockRestore()
    jest.useRealTimers()
  })
  // Well before undici's own ten seconds.
  const isDialled = async (times: number) => {
    await until('it dials', () => dials === times, 5000)
  }
  const answer = told('http://backend.example', async visitor => await visitor.get())
  await isDialled(1)
  jest.advanceTimersByTime(499)
  for (let turn = 0; turn < 20; turn++) await setImmediate()
  expect(dials).toBe(1)
  jest.advanceTimersByTime(1)
  await isDialled(2)
  jest.advanceTimersByTime(500)
  expect(await answer).toEqual({ ...READ_UNAVAILABLE, attempts: ['newest timeout 2'] })
})
