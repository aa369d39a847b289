import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { temporaryFolder } from '@guestbook/service-kit/testing'
import { PROFILES } from '../../scripts/alerts/fault-profiles.ts'
import { FAULTS_TOKEN, startService } from '../services/process.ts'

async function fault (...args: string[]) {
  const child = spawn(process.execPath, [fileURLToPath(new URL('../../scripts/fault.ts', import.meta.url)), ...args], { env: { FAULTS_TOKEN } })
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { stdout, stderr, status }
}

test('unstable is 5 % of errors and 50 to 150 ms', () => {
  expect([0, 0.5, 1].map(n => PROFILES.unstable!.steps(() => n)[0]!.fault)).toEqual([50, 100, 150].map(latencyMs => ({ errorRate: 0.05, latencyMs })))
})

test('a checkout peak is 30 s in every 1 to 3 minutes with 70 % of errors and 1.8 to 2.5 s', () => {
  for (const [n, period] of [[0, 60], [1, 180]] as const) {
    const steps = PROFILES['checkout-peak']!.steps(() => n)
    expect(steps.reduce((sum, { seconds }) => sum + seconds, 0)).toBe(period)
    const bad = steps.filter(({ fault }) => fault)
    expect(bad).toHaveLength(30)
    expect(bad[0]).toEqual({ fault: { errorRate: 0.7, latencyMs: n === 0 ? 1800 : 2500 }, seconds: 1 })
  }
})

test('a game day raises its fault, ends it, and leaves both in the log', async () => {
  const backend = await startService('backend', { env: { DATA_DIR: temporaryFolder(), FAULTS_TOKEN } })
  const day = fault('--name', 'unstable', '--for', '1s', '--url', backend.managementUrl)
  expect(await backend.logged('fault switched on')).toMatchObject({ level: 'warn', fault: { errorRate: 0.05 } })
  expect(await day).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('over') })
  expect(await backend.logged('fault switched off')).toMatchObject({ reason: 'cleared' })
})

test.each([
  ['a name that is none', ['--name', 'meteor', '--for', '1s'], 2, 'There is no fault "meteor"'],
  ['no duration', ['--name', 'slow'], 2, 'FOR is a duration'],
  ['an address where nobody listens', ['--name', 'slow', '--for', '1s', '--url', 'http://127.0.0.1:9'], 1, 'does not answer']
])('%s is refused', async (_refused, args, status, message) => {
  expect(await fault(...args)).toMatchObject({ status, stderr: expect.stringContaining(message) })
})
