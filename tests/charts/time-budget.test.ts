import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { TIME_BUDGET } from '@guestbook/service-kit'
import { ServiceSettings } from '@guestbook/service-kit/config'
import { one, render, ROOT, SERVICES, template } from './helm.ts'

const T = TIME_BUDGET
async function podOf (chart: string) {
  const { spec: { template: { spec } } } = one(await render(chart), 'Deployment')
  return { graceMs: spec.terminationGracePeriodSeconds * 1000, container: spec.containers[0] }
}
const electionTimeoutMs = Number(
  /ELECTION_TIMEOUT_MS = (\d+)/.exec(
    readFileSync(`${ROOT}charts/guestbook-mongodb/files/agent.js`, 'utf8')
  )?.[1]
)
/** Pairs of timeouts: the first must be longer. */
const ORDER: Array<[waits: string, ms: number, isWaitedFor: string, ms: number]> = [
  ['the store', T.storeReadMs, 'a read in MongoDB', T.mongoReadMs],
  ['the frontend', T.pageMs, 'a read of the store', T.storeReadMs],
  ['the frontend', T.pageMs, 'a connection', T.connectMs],
  ['the store', T.storeWriteMs, 'a write in MongoDB', T.mongoWriteMs],
  [
    'the store',
    T.storeWriteMs,
    "a post's turn, and as long again for its insert",
    2 * T.writeQueueMs - 1
  ],
  ['an attempt to post', T.postAttemptMs, 'a write of the store', T.storeWriteMs],
  ['a post', T.postMs, 'two attempts', 2 * T.postAttemptMs],
  ['the close of a service', T.closeMs, 'a post', T.postMs],
  [
    "a replica set's election",
    electionTimeoutMs,
    'the confirmation of a primary, ten times',
    10 * T.primaryConfirmedMs
  ]
]

test.each(ORDER)(
  '%s (%i ms) waits longer than for %s (%i ms)',
  (_waits, waitsMs, _for, takesMs) => {
    expect(waitsMs).toBeGreaterThan(takesMs)
  }
)

test.each(SERVICES)(
  'the grace period of %s covers drain and close, and its probes outlast the store',
  async chart => {
    const { graceMs, container } = await podOf(chart)
    expect(graceMs).toBeGreaterThan(ServiceSettings.SHUTDOWN_DELAY_MS.default + T.closeMs)
    for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
      expect([probe, container[probe].timeoutSeconds * 1000 > T.storeReadMs]).toEqual([
        probe,
        true
      ])
    }
  }
)

test.each(SERVICES)(
  '%s refuses a grace period that drain and close do not fit into',
  async chart => {
    const fits = async (ms: number) =>
      (await template(chart, { values: { terminationGracePeriodSeconds: ms / 1000 } })).status ===
      0
    const leastMs = ServiceSettings.SHUTDOWN_DELAY_MS.default + T.closeMs
    expect([await fits(leastMs - 1000), await fits(leastMs)]).toEqual([false, true])
  }
)
