import { expect, test } from '@jest/globals'
import { TIME_BUDGET } from '@guestbook/service-kit'
import { Agent } from 'undici'
import { Visitor } from '../../system-tests/lib/visitor.ts'
import { draftIn } from '../../system-tests/lib/page.ts'
import { cleanUp, temporaryFolder } from '@guestbook/service-kit/testing'
import { startService } from '../../system-tests/lib/service-process.ts'
import { until } from '../../system-tests/lib/until.ts'

/** Tolerance for a busy machine. */
const SLACK_MS = 1000

/** A response with its duration. */
async function timed<T extends { status: number }> (send: () => Promise<T>) {
  const started = performance.now()
  const answer = await send()
  return { answer, status: answer.status, ms: performance.now() - started }
}

test('a hung backend delays one visitor by a second, and later visitors not at all', async () => {
  const backend = await startService('backend', { env: { DATA_DIR: temporaryFolder() } })
  const frontend = await startService('frontend', { env: { BACKEND_URL: backend.url } })
  const dispatcher = new Agent()
  cleanUp(async () => {
    await dispatcher.destroy()
  })
  const visitor = () => new Visitor(frontend.url, dispatcher)
  expect((await visitor().post('Ann', 'Hello')).status).toBe(303)
  expect((await visitor().read()).status).toBe(200)

  backend.kill('SIGSTOP')
  cleanUp(() => {
    backend.kill('SIGCONT')
  })
  const first = await timed(async () => await visitor().read())
  expect(first.status).toBe(503)
  expect(first.answer.text).toContain('Hello') // from the frontend's stale copy
  expect(first.ms).toBeLessThan(TIME_BUDGET.pageMs + SLACK_MS)

  const following = await Promise.all(
    Array.from({ length: 20 }, async () => await timed(async () => await visitor().read()))
  )
  expect(following.map(({ status }) => status)).toEqual(Array(20).fill(503))
  expect(Math.max(...following.map(({ ms }) => ms))).toBeLessThan(TIME_BUDGET.pageMs / 2)

  const posted = await timed(async () => await visitor().post('Ben', 'Is anybody there?'))
  expect(posted.status).toBe(503)
  expect(draftIn(posted.answer.text)).toEqual({ name: 'Ben', message: 'Is anybody there?' })
  expect(posted.ms).toBeLessThan(TIME_BUDGET.postMs + SLACK_MS)

  backend.kill('SIGCONT')
  await until('the page recovers', async () => (await visitor().read()).status === 200)
})
