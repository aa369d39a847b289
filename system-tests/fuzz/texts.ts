import fc from 'fast-check'
import { hostileText } from '@guestbook/service-kit/testing/hostile-text'
import { request } from 'undici'

/** Longest that one answer may take. Quadratic work takes seconds. */
const MOST_MS = 500
/** Something else may keep the machine busy once, but not each time. */
const TRIES = 3
const BODY_LIMIT_BYTES = 64 * 1024

/**
 * Posts texts that are dear to normalise, one after the other, until the time is over. What is not answered as promised
 * comes back in words with the seed that repeats it; none means that all was well.
 */
export async function postHostileTexts (
  url: string,
  seconds: number,
  seed = Date.now() % 2 ** 31
): Promise<{ posts: number; slowestMs: number; problems: string[] }> {
  const until = performance.now() + seconds * 1000
  const problems: string[] = []
  let posts = 0
  let slowestMs = 0
  const texts = fc.sample(hostileText(BODY_LIMIT_BYTES), { numRuns: 1000, seed })
  for (
    let at = 0;
    performance.now() < until && problems.length === 0;
    at = (at + 1) % texts.length
  ) {
    const field = at % 2 === 0 ? 'name' : 'message'
    const body = JSON.stringify({ name: 'Fuzz', message: 'Hello', [field]: texts[at] })
    const allowed = Buffer.byteLength(body) > BODY_LIMIT_BYTES ? [413] : [201, 400]
    let ms = Infinity
    for (let tries = 0; tries < TRIES && ms > MOST_MS; tries++) {
      const started = performance.now()
      const { statusCode: status, body: answer } = await request(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body
      })
      await answer.dump()
      ms = Math.min(ms, performance.now() - started)
      posts++
      if (!allowed.includes(status)) {
        problems.push(`text ${at} of seed ${seed} as ${field} was answered with ${status}`)
      }
    }
    slowestMs = Math.max(slowestMs, ms)
    if (ms > MOST_MS) {
      problems.push(
        `text ${at} of seed ${seed} as ${field} took ${ms.toFixed(0)} ms, more than ${MOST_MS}`
      )
    }
  }
  return { posts, slowestMs, problems }
}
