import { setTimeout as sleep } from 'node:timers/promises'
import { RELEASE_TIMEOUT_S } from '../src/names.ts'
import { services } from '../src/services.ts'
import { applications, describeApplication, isDelivered } from './applications.ts'
import type { Context } from './context.ts'
import { endpoints } from './endpoints.ts'
import { kubectl } from './exec.ts'
import { Failure } from './failure.ts'
import { request, type Answer } from './request.ts'

const TIMEOUT_MS = 120_000
/** Argo CD fetches the repository, and nodes may pull images first. */
const DELIVERY_TIMEOUT_MS = RELEASE_TIMEOUT_S * 1000

/** Posts and reads a message, and checks the health of every component. */
export async function smoke (context: Context): Promise<void> {
  if (context.config.delivery.mode === 'argocd') await waitForDelivery(context)
  const components = endpoints(context.config)
  for (const { name, url, health } of components) {
    await retry(
      `${name} answers at ${url}`,
      async () => await request(url + health),
      ({ status }) => status === 200
    )
  }
  const { url } = components[0]!
  const message = `Smoke test of ${new Date().toISOString()}`
  const created = await retry(
    'a message is accepted',
    async () => await request(`${url}/`, { name: 'Smoke test', message }),
    ({ status }) => status === 303
  )
  await retry(
    'the message is on the page',
    async () => await request(`${url}/`),
    ({ body }) => body.includes(message)
  )
  hideMessage(context, created.location?.split('/messages/')[1])
}

/** Repeats a request until its answer is right: an ingress routes to new pods with a delay. */
async function retry (
  what: string,
  send: () => Promise<Answer>,
  isRight: (answer: Answer) => boolean
): Promise<Answer> {
  const deadline = Date.now() + TIMEOUT_MS
  for (;;) {
    let last: string
    try {
      const answer = await send()
      if (isRight(answer)) {
        console.log(`  ok      ${what}`)
        return answer
      }
      last = `status ${answer.status}`
    } catch (error) {
      last = (error as Error).message
    }
    if (Date.now() > deadline) {
      throw new Failure(
        `smoke test: ${what}: still ${last} after ${TIMEOUT_MS / 1000} s. ` +
          '`make status` shows the pods, `make logs` the logs of the services.'
      )
    }
    await sleep(1000)
  }
}

/** Waits until Argo CD has delivered all Applications, and prints changes of their status. */
async function waitForDelivery (context: Context): Promise<void> {
  const deadline = Date.now() + DELIVERY_TIMEOUT_MS
  let printed: string[] = []
  for (;;) {
    const found = applications(context) ?? []
    const lines = found.map(describeApplication)
    if (found.length > 0 && found.every(isDelivered)) break
    for (const line of lines.filter(line => !printed.includes(line))) {
      console.log(`  wait    ${line}`)
    }
    printed = lines
    if (Date.now() > deadline) {
      throw new Failure(
        `smoke test: Argo CD has not delivered after ${DELIVERY_TIMEOUT_MS / 1000} s:\n  ` +
          (lines.join('\n  ') || 'there is no Application')
      )
    }
    await sleep(1000)
  }
  console.log('  ok      Argo CD has delivered what Git contains')
}

/** Hides the message with the moderator's token of the backend. A failure is only noted. */
function hideMessage (context: Context, id = ''): void {
  const { port } = services.find(({ name }) => name === 'backend')!
  const url = `http://127.0.0.1:${port}/api/v1/messages/${encodeURIComponent(id)}/hide`
  const script =
    `fetch('${url}', { method: 'POST', headers: ` +
    "{ authorization: 'Bearer ' + process.env.MODERATOR_TOKEN } })" +
    '.then(({ ok }) => process.exit(ok ? 0 : 1))'
  const hidden = kubectl(
    context, 'exec', '--namespace', 'guestbook', 'deployment/guestbook-backend', '--', 'node',
    '--eval', script
  )
  console.log(
    hidden === undefined
      ? `  note    message ${id} of the smoke test stays visible: it could not be hidden`
      : '  ok      the message is hidden again'
  )
}
