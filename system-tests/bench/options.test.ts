import { expect, test } from '@jest/globals'
import { parseOptions } from './options.ts'

test('the defaults are all cases, 3 rounds of 4 s and a million messages', () => {
  expect(parseOptions([])).toEqual({
    rounds: 3,
    seconds: 4,
    messages: 1_000_000,
    only: undefined,
    baseline: undefined,
    reports: 'reports/bench',
    help: false
  })
})

test('every option is read, from the environment too, where the command line comes first', () => {
  expect(
    parseOptions(
      '--rounds 7 --only page-32 --only mixed --messages 0 --baseline y --reports x -h'.split(' '),
      { ROUNDS: '9', SECONDS: '2' }
    )
  ).toEqual({
    rounds: 7,
    seconds: 2,
    messages: 0,
    only: ['page-32', 'mixed'],
    baseline: 'y',
    reports: 'x',
    help: true
  })
})

test.each([
  [['--rounds', '0'], '--rounds'],
  [['--rounds', '1.5'], '--rounds'],
  [['--rounds', '101'], '--rounds'],
  [['--rounds='], '--rounds'],
  [['--seconds', 'many'], '--seconds'],
  [['--seconds', '601'], '--seconds'],
  [['--messages', '19999'], '--messages'],
  [['--messages=-1'], '--messages'],
  [['--only', 'pages'], 'page-32'],
  [['--reports', ' '], '--reports'],
  [['--speed', '3'], '--speed'],
  [['page-32'], 'page-32']
])('%j is rejected with a message that names it', (args, name) => {
  expect(() => parseOptions(args)).toThrow(name)
})

test.each([
  [{ ROUNDS: 'x' }, '--rounds'],
  [{ SECONDS: '-1' }, '--seconds']
])('%j of the environment is rejected as well', (env, name) => {
  expect(() => parseOptions([], env)).toThrow(name)
})
