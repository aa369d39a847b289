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
