import { expect, test } from '@jest/globals'
import { cases } from './cases/index.ts'
import { runPromtool } from './promtool.ts'
import { alertingFiles, rulesOf } from '../../alert-rules/generator/provisioning.ts'

/** One always fires; the other fires when Prometheus, which promtool stands for, is away. Drills show both. */
const ALWAYS = ['watchdog', 'prometheus-unreachable']

test('every alert is silent until its time is over, fires then, and is silent after recovery', async () => {
  expect(await runPromtool(cases)).toMatchObject({ status: 0, stderr: '' })
}, 60_000)

test('there is such a case for every rule', () => {
  const steps = Object.groupBy(cases, ({ rule }) => rule)
  const untested = rulesOf(alertingFiles())
    .map(({ uid }) => uid)
    .filter(uid => !ALWAYS.includes(uid))
    .filter(
      uid =>
        !steps[uid]?.some(({ expect }) =>
          /silent.*firing.*silent/.test(expect.map(([, state]) => state).join())
        )
    )
  expect(untested).toEqual([])
})
