/** Visitors who post and read through the ingress. */
import { setTimeout as sleep } from 'node:timers/promises'
import { endpoints } from '../../../infra/cli/endpoints.ts'
import { request } from '../../../infra/cli/request.ts'
import { check } from '../cluster.ts'
import type { Deployment } from './deployment.ts'

const MESSAGE = 'Posted before the switch to Argo CD'
const PAUSE_MS = 100

const page = ({ context }: Deployment) => `${endpoints(context.config)[0]!.url}/`

export async function post (deployment: Deployment): Promise<void> {
  const { status } = await request(page(deployment), { name: 'Zoë', message: MESSAGE })
  check('the message is accepted', status === 303, status)
  await checkPosted(deployment)
}

export async function checkPosted (deployment: Deployment): Promise<void> {
  const { body } = await request(page(deployment))
  check('the message is on the page', body.includes(MESSAGE), body.slice(0, 2000))
}

/** Reads the page ten times a second during `work`, and expects the message each time. */
export async function whileVisiting<T> (
  deployment: Deployment,
  work: () => Promise<T>
): Promise<T> {
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
      await sleep(PAUSE_MS)
    }
  })()
  try {
    return await work()
  } finally {
    ended.abort()
    await visiting
    check(
      `${visits} visits, none failed, the slowest took ${Math.round(slowest)} ms`,
      failed.length === 0,
      failed
    )
  }
}
