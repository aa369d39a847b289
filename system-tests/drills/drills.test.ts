import { expect, test } from '@jest/globals'
import { alertingFiles, rulesOf } from '../../alert-rules/generator/provisioning.ts'
import { drills } from './drills.ts'

test('every rule has a drill, and every drill a rule', () => {
  const drilled = new Set(drills.flatMap(({ pages }) => pages.map(({ rule }) => rule)))
  expect([...drilled].sort()).toEqual(rulesOf(alertingFiles()).map(({ uid }) => uid).sort())
})
