import { expect, test } from '@jest/globals'
import { startBalancer } from './balancer.ts'
import { startTraffic, storedMessages } from './posters.ts'
import { startService, temporaryFolder } from '../../system-tests/lib/process.ts'
import { until } from '../../system-tests/lib/until.ts'

const RESTARTS = 3
/** Posts before, between and after the restarts. */
const POSTS = 40

test.each([
  { signal: 'SIGTERM', status: 0 },
  { signal: 'SIGKILL', status: 'SIGKILL' }
] as const)(
  'under constant posting, a backend that is restarted by $signal loses and doubles nothing, and no visitor sees a raw error',
  async ({ signal, status }) => {
    const env = {
      DATA_DIR: temporaryFolder(),
      SHUTDOWN_DELAY_MS: '100',
      RATE_LIMIT_POSTS: '1000000'
    }
    let backend = await startService('backend', { env })
    const { url } = backend
    const { port } = new URL(url)
    const frontend = await startService('frontend', {
      env: { BACKEND_URL: url, RATE_LIMIT_POSTS: '1000000' }
    })
    const traffic = startTraffic(frontend.url)

    const morePosts = async () => {
      const { posted } = traffic.progress()
      await until('messages are taken', () => traffic.progress().posted >= posted + POSTS)
    }
    await morePosts()
    for (let restart = 0; restart < RESTARTS; restart++) {
      expect(await backend.stop(signal)).toBe(status)
      const before = traffic.progress()
      await until('readers notice', () => traffic.progress().unread > before.unread)
      // Who posts hears of it when all attempts have failed, which takes seconds: once is enough.
      const isFirst = restart === 0
      if (isFirst) await until('posters do', () => traffic.progress().refusals > before.refusals)
      backend = await startService('backend', { env: { ...env, PORT: port } })
      await morePosts()
    }
    const acknowledged = await traffic.end()

    const stored = await storedMessages(url)
    expect(new Set(stored.values()).size).toBe(stored.size)
    expect(stored).toEqual(acknowledged)
  }
)

test('behind a load balancer that asks for readiness, a rolling restart of the frontends is seen by nobody', async () => {
  const backend = await startService('backend', {
    env: { DATA_DIR: temporaryFolder(), RATE_LIMIT_POSTS: '1000000' }
  })
  const startFrontend = async () =>
    await startService('frontend', {
      env: { BACKEND_URL: backend.url, SHUTDOWN_DELAY_MS: '1000', RATE_LIMIT_POSTS: '1000000' }
    })
  const balancer = startBalancer(await Promise.all([startFrontend(), startFrontend()]))
  const traffic = startTraffic(balancer.choose)

  for (const old of [...balancer.instances]) {
    await until('both take traffic', () => balancer.ready.size === 2)
    const { posted } = traffic.progress()
    await until('messages are taken', () => traffic.progress().posted >= posted + POSTS)
    expect(await old.stop()).toBe(0)
    balancer.instances.push(await startFrontend())
  }
  const acknowledged = await traffic.end()
  expect(traffic.progress()).toMatchObject({ refusals: 0, unread: 0 })
  expect(await storedMessages(backend.url)).toEqual(acknowledged)
})
