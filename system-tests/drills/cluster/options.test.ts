import { expect, test } from '@jest/globals'
import { parseOptions, assertConfirmed } from './options.ts'

const DRILLED = ['pod-crash-looping', 'frontend-down']

test('without options every drill runs', () => {
  expect(parseOptions([], DRILLED)).toEqual({ only: [], dashboards: false, help: false })
})

test.each([
  [
    'a rule without a drill on a cluster',
    ['--only', 'slo-burn-page-fast'],
    'no drill of slo-burn-page-fast. There are pod-crash-looping, frontend-down'
  ],
  [
    'a choice of drills where none runs',
    ['--dashboards', '--only', 'frontend-down'],
    'it excludes --only'
  ],
  ['an option that does not exist', ['--fast'], '--fast']
])('%s is rejected', (_rejected, args, message) => {
  expect(() => parseOptions(args, DRILLED)).toThrow(message)
})

test('a cluster of Kind needs no confirmation, any other needs its name', () => {
  assertConfirmed('kind-guestbook', undefined)
  assertConfirmed('production', 'production')
  expect(() => { assertConfirmed('production', undefined) }).toThrow(
    'The current context is "production". To inject faults there: ' +
      'make drill-cluster ARGS="--confirm production".'
  )
  expect(() => {
    assertConfirmed('kind-guestbook', 'production')
  }).toThrow('The current context is "kind-guestbook"')
})
