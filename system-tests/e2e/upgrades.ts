import { check, helm, kubectl, step } from './cluster.ts'
import { deploy, NEXT, type Service } from './releases.ts'
import { checkMessages, startTraffic } from './traffic.ts'
import type { Usage } from './usage.ts'

/** Fewest requests that a change under traffic must have met for "none failed" to mean something. */
const ENOUGH_REQUESTS = 5000

/** Changes a service under traffic and waits until the pods it had are gone: their last seconds count too. */
function roll (service: Service, change: () => void): void {
  const old = kubectl(
    'get',
    'pods',
    '--selector',
    `app.kubernetes.io/name=guestbook-${service}`,
    '--output',
    'name'
  ).split('\n')
  change()
  kubectl('wait', ...old, '--for=delete', '--timeout=60s')
}

export async function changeUnderTraffic (usage: Usage): Promise<void> {
  const traffic = await step(
    'starting traffic inside the cluster, whose clients try nothing twice',
    () => startTraffic('once')
  )
  await usage.measure('under load')
  for (const service of ['backend', 'frontend'] as const) {
    await step(`rolling ${service} to the next image`, () => {
      roll(service, () => deploy(service, NEXT))
    })
    await step(`rolling ${service} back`, () => {
      roll(service, () => helm('rollback', `guestbook-${service}`, '--wait', '--timeout', '4m'))
    })
  }
  const result = await step('letting the traffic end', () => traffic.stop())
  console.log(
    `  ${result.sent} requests, ${result.posted.length} of them posts, ${result.failures.length} failed, longest wait ${result.longestWaitMs} ms`
  )
  check(
    `at least ${ENOUGH_REQUESTS} requests were sent`,
    result.sent >= ENOUGH_REQUESTS,
    result.sent
  )
  check(
    'none failed, without a client trying anything again',
    result.failures.length === 0,
    result.failures.slice(0, 10)
  )
  await checkMessages(result)
}
