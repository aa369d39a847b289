/** Somebody who signs the guestbook through the ingress, and others who read it all the time. */
import { setTimeout as pause } from 'node:timers/promises'
import { endpoints } from '../../../infra/cli/endpoints.ts'
import { request } from '../../../infra/cli/request.ts'
import { check } from '../cluster.ts'
import type { Deployment } from './deployment.ts'

const MESSAGE = 'Signed before Argo CD came'
const EVERY_MS = 100

const page = ({ context }: Deployment) => `${endpoints(context.config)[0]!.url}/`

export async function sign (deployment: Deployment): Promise<void> {
  const { status } = await request(page(deployment), { name: 'Zoë', message: MESSAGE })
  check('the message is taken', status === 303, status)
  await checkSigned(deployment)
}

export async function checkSigned (deployment: Deployment): Promise<void> {
  const { body } = await request(page(deployment))
  check('the message stands on the page', body.includes(MESSAGE), body.slice(0, 2000))
}

/** Visits the page ten times a second while something happens, and expects the message each time. */
export async function visited<T> (deployment: Deployment, work: () => Promise<T>): Promise<T> {
  const ended = new AbortController()
  const failed: string[] = []
  let visits = 0
  let slowest = 0
  const visiting = (async () => {
    for (; !ended.signal.aborted; visits++) {
      const start = performance.now()
      const wrong = await request(page(deployment)).then(
        ({ status, body }) =>
          status === 200 && body.includes(MESSAGE) ? undefined : `status ${status}`,
        (error: Error) => error.message
      )
      slowest = Math.max(slowest, performance.now() - start)
      if (wrong) failed.push(`${new Date().toISOString()} ${wrong}`)
      await pause(EVERY_MS)
    }
  })()
  try {
    return await work()
  } finally {
    ended.abort()
    await visiting
    check(
      `${visits} visits meanwhile, none in vain, the slowest ${Math.round(slowest)} ms`,
      failed.length === 0,
      failed
    )
  }
}
