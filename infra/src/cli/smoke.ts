import { setTimeout as wait } from 'node:timers/promises'
import { endpoints } from './endpoints.ts'
import type { Context } from './context.ts'
import { Failure } from './failure.ts'
import { request, type Answer } from './request.ts'

const PATIENCE_MS = 120_000

/** Asks until the answer is right: ingress controllers learn of new pods a moment after Helm. */
async function until (what: string, ask: () => Promise<Answer>, right: (answer: Answer) => boolean): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    let seen: string
    try {
      const answer = await ask()
      if (right(answer)) {
        console.log(`  ok      ${what}`)
        return
      }
      seen = `status ${answer.status}`
    } catch (error) {
      seen = (error as Error).message
    }
    if (Date.now() > deadline) throw new Failure(`smoke test: ${what}: still ${seen} after ${PATIENCE_MS / 1000} s. \`make status\` shows the pods, \`make logs\` what the services say.`)
    await wait(1000)
  }
}

/** Signs the guestbook as a visitor would and reads it back, and asks every part whether it is well. */
export async function smoke ({ config }: Context): Promise<void> {
  const parts = endpoints(config)
  for (const { name, url, health } of parts) {
    await until(`${name} answers at ${url}`, async () => await request(url + health), ({ status }) => status === 200)
  }
  const { url } = parts[0]!
  const message = `Smoke test of ${new Date().toISOString()}`
  await until('a message is taken', async () => await request(`${url}/`, { name: 'Smoke test', message }), ({ status }) => status === 303)
  await until('and stands on the page', async () => await request(`${url}/`), ({ body }) => body.includes(message))
}
