import fc from 'fast-check'
import { hostileText } from '@guestbook/service-kit/testing/hostile-text'
import type { ApiClient } from '../lib/api-client.ts'

/** Quadratic work takes seconds. */
const MAX_ANSWER_MS = 500
/** Another process may slow down one attempt, but not all. */
const ATTEMPTS = 3
const BODY_LIMIT_BYTES = 64 * 1024

/**
 * Posts texts that are expensive to normalise, one after the other, until the time is over or an
 * answer is unexpected. A problem names the seed that repeats it.
 */
export async function postHostileTexts (
  api: ApiClient,
  seconds: number,
  seed = Date.now() % 2 ** 31
): Promise<{ posts: number; slowestMs: number; problems: string[] }> {
  const end = performance.now() + seconds * 1000
  const problems: string[] = []
  let posts = 0
  let slowestMs = 0
  const texts = fc.sample(hostileText(BODY_LIMIT_BYTES), { numRuns: 1000, seed })
  for (let n = 0; performance.now() < end && problems.length === 0; n = (n + 1) % texts.length) {
    const field = n % 2 === 0 ? 'name' : 'message'
    const draft = { name: 'Fuzz', message: 'Hello', [field]: texts[n] }
    const isTooLarge = Buffer.byteLength(JSON.stringify(draft)) > BODY_LIMIT_BYTES
    const allowed = isTooLarge ? [413] : [201, 400]
    const text = `text ${n} of seed ${seed} as ${field}`
    let ms = Infinity
    for (let attempt = 0; attempt < ATTEMPTS && ms > MAX_ANSWER_MS; attempt++) {
      const started = performance.now()
      const { status } = await api.post(draft)
      ms = Math.min(ms, performance.now() - started)
      posts++
      if (!allowed.includes(status)) problems.push(`${text} was answered with ${status}`)
    }
    slowestMs = Math.max(slowestMs, ms)
    if (ms > MAX_ANSWER_MS) {
      problems.push(`${text} took ${ms.toFixed(0)} ms, more than ${MAX_ANSWER_MS}`)
    }
  }
  return { posts, slowestMs, problems }
}
