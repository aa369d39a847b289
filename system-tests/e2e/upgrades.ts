import { check, helm, kubectl, step } from './cluster.ts'
import { deploy, NEXT, type Service } from './releases.ts'
import { checkMessages, startTraffic } from './traffic.ts'
import type { Usage } from './usage.ts'

/** Fewer requests prove nothing. */
const MIN_REQUESTS = 5000

/** Changes a service, and waits until its old pods are gone, since they serve until then. */
async function roll (service: Service, change: () => Promise<unknown>): Promise<void> {
  const selector = `app.kubernetes.io/name=guestbook-${service}`
  const old = await kubectl.names('pods', '--selector', selector)
  await change()
  await kubectl.wait(old, 'delete')
}

export async function changeUnderTraffic (usage: Usage): Promise<void> {
  const traffic = await step('starting traffic without retries', async () =>
    await startTraffic('once')
  )
  await usage.measure('under load')
  for (const service of ['backend', 'frontend'] as const) {
    await step(`rolling ${service} to the next image`, async () => {
      await roll(service, async () => await deploy(service, NEXT))
    })
    await step(`rolling ${service} back`, async () => {
      await roll(service, async () =>
        await helm('rollback', `guestbook-${service}`, '--wait', '--timeout', '4m')
      )
    })
  }
  const result = await step('stopping the traffic', traffic.stop)
  const { sent, posted, failures, longestWaitMs } = result
  console.log(
    `  ${sent} requests, ${posted.length} of them posts, ${failures.length} failed, ` +
      `longest wait ${longestWaitMs} ms`
  )
  check(`at least ${MIN_REQUESTS} requests were sent`, sent >= MIN_REQUESTS, sent)
  check('no request failed, without a retry', failures.length === 0, failures.slice(0, 10))
  await checkMessages(result)
}
