import { expect, test } from '@jest/globals'
import { cases } from './cases/index.ts'
import { runPromtool } from './promtool.ts'
import { alertingFiles, rulesOf } from '../../alert-rules/generator/provisioning.ts'

/** The first always fires, the second only without Prometheus. Drills test both. */
const ALWAYS = ['watchdog', 'prometheus-unreachable']

test('every alert fires after its time and is silent before it and after recovery', async () => {
  expect(await runPromtool(cases)).toMatchObject({ status: 0, stderr: '' })
}, 60_000)

test('every rule has such a case', () => {
  const complete = cases
    .filter(({ states }) => /silent.*firing.*silent/.test(Object.values(states).join()))
    .map(({ rule }) => rule)
  const uids = rulesOf(alertingFiles()).map(({ uid }) => uid)
  expect(uids.filter(uid => ![...ALWAYS, ...complete].includes(uid))).toEqual([])
})
