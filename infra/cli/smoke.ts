import { setTimeout as wait } from 'node:timers/promises'
import { applications, describeApplication, isDelivered } from './applications.ts'
import { endpoints } from './endpoints.ts'
import type { Context } from './context.ts'
import { Failure } from './failure.ts'
import { request, type Answer } from './request.ts'
import { kubectlArgs, capture } from './exec.ts'

const PATIENCE_MS = 120_000
/** Argo CD fetches the repository, and nodes may pull images first. */
const DELIVERY_PATIENCE_MS = 600_000

/** Asks until the answer is right: ingress controllers learn of new pods a moment after Helm. */
async function until (
  what: string,
  ask: () => Promise<Answer>,
  right: (answer: Answer) => boolean
): Promise<Answer> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    let seen: string
    try {
      const answer = await ask()
      if (right(answer)) {
        console.log(`  ok      ${what}`)
        return answer
      }
      seen = `status ${answer.status}`
    } catch (error) {
      seen = (error as Error).message
    }
    if (Date.now() > deadline) {
      throw new Failure(
        `smoke test: ${what}: still ${seen} after ${PATIENCE_MS / 1000} s. \`make status\` shows the pods, \`make logs\` what the services say.`
      )
    }
    await wait(1000)
  }
}

/** Waits for Argo CD as Terraform waits for Helm, and says what changes meanwhile. */
async function delivered (context: Context): Promise<void> {
  const deadline = Date.now() + DELIVERY_PATIENCE_MS
  let said: string[] = []
  for (;;) {
    const found = applications(context) ?? []
    const lines = found.map(describeApplication)
    if (found.length > 0 && found.every(isDelivered)) break
    for (const line of lines.filter(line => !said.includes(line))) console.log(`  wait    ${line}`)
    said = lines
    if (Date.now() > deadline) {
      throw new Failure(
        `smoke test: Argo CD has not delivered after ${DELIVERY_PATIENCE_MS / 1000} s:\n  ${lines.join('\n  ') || 'it has no Application'}`
      )
    }
    await wait(1000)
  }
  console.log('  ok      Argo CD runs what is in Git')
}

/** Signs the guestbook as a visitor would and reads it back, and asks every part whether it is well. */
export async function smoke (context: Context): Promise<void> {
  if (context.config.delivery.mode === 'argocd') await delivered(context)
  const parts = endpoints(context.config)
  for (const { name, url, health } of parts) {
    await until(
      `${name} answers at ${url}`,
      async () => await request(url + health),
      ({ status }) => status === 200
    )
  }
  const { url } = parts[0]!
  const message = `Smoke test of ${new Date().toISOString()}`
  const taken = await until(
    'a message is taken',
    async () => await request(`${url}/`, { name: 'Smoke test', message }),
    ({ status }) => status === 303
  )
  await until(
    'and stands on the page',
    async () => await request(`${url}/`),
    ({ body }) => body.includes(message)
  )
  hide(context, taken.location?.split('/messages/')[1])
}

/** Takes the message off the page, by the moderator's token that the backend has. Not to succeed is no failure of the platform. */
function hide (context: Context, id = ''): void {
  const script = `fetch('http://127.0.0.1:3001/api/v1/messages/${encodeURIComponent(id)}/hide', { method: 'POST', headers: { authorization: 'Bearer ' + process.env.MODERATOR_TOKEN } }).then(({ ok }) => process.exit(ok ? 0 : 1))`
  const hidden = capture(
    context,
    'kubectl',
    ...kubectlArgs(
      context,
      'exec',
      '--namespace',
      'guestbook',
      'deployment/guestbook-backend',
      '--',
      'node',
      '--eval',
      script
    )
  )
  console.log(
    hidden === undefined
      ? `  note    message ${id} of the smoke test stays on the page: it could not be hidden`
      : '  ok      and is hidden again'
  )
}
