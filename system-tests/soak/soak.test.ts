import { expect, test } from '@jest/globals'
import { parseOptions } from './options.ts'
import { judge, type Observed } from './verdict.ts'

const MINUTE = 60_000
const WINDOW = { name: 'mongod killed', from: 100_000, to: 120_000 }

function observed (over: Partial<Observed> = {}): Observed {
  return {
    acknowledged: new Map([['a', 'one'], ['b', 'two']]),
    stored: new Map([['b', 'two'], ['a', 'one']]),
    failures: [{ at: 110_000, what: 'HTTP 503' }],
    windows: [WINDOW],
    samples: { backend: [{ at: 0, mib: 80, files: 30 }, { at: MINUTE, mib: 82, files: 31 }] },
    ...over
  }
}

test('a run in which every check passes has no problems', () => {
  expect(judge(observed())).toEqual({
    problems: [],
    lost: 0,
    unacknowledged: 0,
    failuresInWindows: 1,
    failuresOutside: 0,
    services: {
      backend: { mibFirst: 80, mibLast: 82, mibPerMinute: 2, filesFirst: 30, filesLast: 31 }
    }
  })
})

test.each<[string, Partial<Observed>]>([
  ['1 acknowledged messages are lost, such as b', { stored: new Map([['a', 'one']]) }],
  [
    '1 messages were not acknowledged, such as c',
    { stored: new Map([['a', 'one'], ['b', 'two'], ['c', 'two']]) }
  ],
  [
    "2 requests failed outside the faults' windows: HTTP 500, ECONNRESET",
    { failures: [{ at: 10_000, what: 'HTTP 500' }, { at: 121_000, what: 'ECONNRESET' }] }
  ],
  [
    'the backend grows by 10.0 MiB a minute',
    {
      samples: { backend: [{ at: 0, mib: 80, files: 30 }, { at: MINUTE, mib: 90, files: 30 }] }
    }
  ],
  [
    'the backend had 30 files open and has 90',
    {
      samples: { backend: [{ at: 0, mib: 80, files: 30 }, { at: MINUTE, mib: 80, files: 90 }] }
    }
  ]
])('%s', (problem, over) => {
  expect(judge(observed(over)).problems).toEqual([problem])
})

test('a message whose text changed is lost, and the new text is unacknowledged', () => {
  expect(
    judge(observed({ stored: new Map([['a', 'one'], ['b', 'tw']]) }))
  ).toMatchObject({ lost: 1, unacknowledged: 1 })
})

test('a request may have begun before the fault that broke it', () => {
  expect(
    judge(
      observed({ failures: [{ at: 91_000, what: 'timeout' }, { at: 89_000, what: 'timeout' }] })
    )
  ).toMatchObject({ failuresInWindows: 1, failuresOutside: 1 })
})

test('without options it takes ten minutes, and every option is read', () => {
  expect(parseOptions([])).toEqual({
    minutes: 10,
    visitors: 16,
    reports: 'reports/soak',
    help: false
  })
  expect(parseOptions(['--minutes', '0.5', '--visitors', '2', '--reports', 'x', '-h'])).toEqual({
    minutes: 0.5,
    visitors: 2,
    reports: 'x',
    help: true
  })
})

test.each([
  [['--minutes', '0.4'], '--minutes'],
  [['--minutes='], '--minutes'],
  [['--visitors', '1'], '--visitors'],
  [['--visitors', '2.5'], '--visitors'],
  [['--visitors', 'all'], '--visitors'],
  [['--reports='], '--reports'],
  [['--hours', '1'], '--hours'],
  [['10'], '10']
])('%j is rejected with a message that names it', (args, name) => {
  expect(() => parseOptions(args)).toThrow(name)
})
