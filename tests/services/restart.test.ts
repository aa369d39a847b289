import { expect, test } from '@jest/globals'
import { startBalancer } from './balancer.ts'
import { startTraffic, storedMessages } from './traffic.ts'
import { temporaryFolder } from '@guestbook/service-kit/testing'
import { startService } from '../../system-tests/lib/service-process.ts'
import { until } from '../../system-tests/lib/until.ts'

const RESTARTS = 3
/** Posts before and after each restart. */
const POSTS = 40

test.each([
  { signal: 'SIGTERM', status: 0 },
  { signal: 'SIGKILL', status: 'SIGKILL' }
] as const)(
  'a backend restarted by $signal under load loses and duplicates no message',
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
      await until('messages are accepted', () => traffic.progress().posted >= posted + POSTS)
    }
    await morePosts()
    for (let restart = 0; restart < RESTARTS; restart++) {
      expect(await backend.stop(signal)).toBe(status)
      const before = traffic.progress()
      await until('reads fail', () => traffic.progress().failedReads > before.failedReads)
      // A post fails after all its attempts, which takes seconds: once is enough.
      const isFirst = restart === 0
      const hasFailed = () => traffic.progress().failedPosts > before.failedPosts
      if (isFirst) await until('posts fail', hasFailed)
      backend = await startService('backend', { env: { ...env, PORT: port } })
      await morePosts()
    }
    const acknowledged = await traffic.end()

    const stored = await storedMessages(url)
    expect(new Set(stored.values()).size).toBe(stored.size)
    expect(stored).toEqual(acknowledged)
  }
)

test('a load balancer hides a rolling restart of the frontends from visitors', async () => {
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
    await until('both instances are ready', () => balancer.ready.size === 2)
    const { posted } = traffic.progress()
    await until('messages are accepted', () => traffic.progress().posted >= posted + POSTS)
    expect(await old.stop()).toBe(0)
    balancer.instances.push(await startFrontend())
  }
  const acknowledged = await traffic.end()
  expect(traffic.progress()).toMatchObject({ failedPosts: 0, failedReads: 0 })
  expect(await storedMessages(backend.url)).toEqual(acknowledged)
})
