import { expect, test } from '@jest/globals'
import { optionsOf, refuseStranger } from './options.ts'

const DRILLED = ['pod-crash-looping', 'frontend-down']

test('without options every drill runs', () => {
  expect(optionsOf([], DRILLED)).toEqual({ only: [], dashboards: false, help: false })
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
    '--only has no meaning'
  ],
  ['an option that does not exist', ['--fast'], '--fast']
])('%s is refused', (_refused, args, message) => {
  expect(() => optionsOf(args, DRILLED)).toThrow(message)
})

test('a cluster of Kind may be broken, any other only when its name is said', () => {
  refuseStranger('kind-guestbook', undefined)
  refuseStranger('production', 'production')
  expect(() => {
    refuseStranger('production', undefined)
  }).toThrow(
    'The current context is "production". To break what runs there: make drill-cluster ARGS="--confirm production".'
  )
  expect(() => {
    refuseStranger('kind-guestbook', 'production')
  }).toThrow('The current context is "kind-guestbook"')
})
