import { expect, test } from '@jest/globals'
import { cleanUp } from '@guestbook/service-kit/testing'
import { draftIn } from '../../system-tests/lib/page.ts'
import { until } from '../../system-tests/lib/until.ts'
import { startBoth } from './start-both.ts'

const TIMEOUT = expect.stringMatching(/^The backend timed out\./)
const NO_CALL = expect.stringMatching(/^The circuit breaker of the backend is open\./)

// The log shows which reads waited: this test measures no times, which depend on the machine.
// services/frontend/test/client.test.ts has the duration of the timeouts.
test('a hung backend delays one visitor by a timeout, and later visitors not at all', async () => {
  const { backend, frontend, newVisitor } = await startBoth()
  const visitor = () => newVisitor(30_000)
  /** Why each page had stale messages. */
  const failures = () => frontend.lines
    .filter(({ msg }) => msg === 'backend unavailable, serving stale messages')
    .map(({ err }) => (err as Error).message)
  expect((await visitor().post('Ann', 'Hello')).status).toBe(303)
  expect((await visitor().read()).status).toBe(200)

  backend.kill('SIGSTOP')
  cleanUp(() => { backend.kill('SIGCONT') })
  const first = await visitor().read()
  expect(first.status).toBe(503)
  expect(first.text).toContain('Hello') // from the frontend's stale copy

  const following = await Promise.all(Array.from({ length: 20 }, () => visitor().read()))
  expect(following.map(({ status }) => status)).toEqual(Array(20).fill(503))
  await until('all reads are logged', () => failures().length === 21)
  expect(failures()).toEqual([TIMEOUT, ...Array(20).fill(NO_CALL)])

  const posted = await visitor().post('Ben', 'Is anybody there?')
  expect(posted.status).toBe(503)
  expect(draftIn(posted.text)).toEqual({ name: 'Ben', message: 'Is anybody there?' })

  backend.kill('SIGCONT')
  await until('the page recovers', async () => (await visitor().read()).status === 200)
})
