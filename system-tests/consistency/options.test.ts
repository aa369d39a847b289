import { expect, test } from '@jest/globals'
import { parseOptions } from './options.ts'
import { ROOT } from '../lib/paths.ts'
import { SCENARIOS } from './scenarios.ts'

test('without options every scenario runs once on this checkout, and every option is read', () => {
  expect(parseOptions([])).toMatchObject({
    scenarios: SCENARIOS,
    rounds: 1,
    services: ROOT.replace(/\/$/, ''),
    reports: 'reports/consistency',
    help: false
  })
  const all = `--only random --rounds 3 --seed 7 --services ${ROOT} --reports x -h`.split(' ')
  expect(parseOptions(all)).toMatchObject({
    scenarios: [{ name: 'random' }],
    rounds: 3,
    seed: 7,
    reports: 'x',
    help: true
  })
})

test('two runs have different seeds unless one is given', () => {
  expect(parseOptions([]).seed).not.toBe(parseOptions([]).seed)
})

test.each([
  [['--only', 'nothing'], '--only must be one of isolated-primary, '],
  [['--rounds', '0'], '--rounds must be a whole number from 1 to 1000, not "0"'],
  [['--rounds', '1.5'], '--rounds'],
  [['--seed', 'x'], '--seed'],
  [['--seed', '-1'], '--seed'],
  [['--services='], '--services'],
  [['--services', '/nowhere'], '--services must name a checkout of the guestbook, but /nowhere/'],
  [['--reports='], '--reports'],
  [['--minutes', '1'], '--minutes'],
  [['random'], 'random']
])('%j is rejected with a message that names it', (args, message) => {
  expect(() => parseOptions(args)).toThrow(message)
})
