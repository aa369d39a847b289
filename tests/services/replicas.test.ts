import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { MongoMemoryReplSet } from 'mongodb-memory-server-core'
import { Agent, request } from 'undici'
import { startMongo } from '../../services/backend/test/mongo.ts'
import { postedId, Visitor } from '../../system-tests/lib/visitor.ts'
import { messagesIn } from '../../system-tests/lib/page.ts'
import { cleanUp } from '@guestbook/service-kit/testing'
import { startService } from '../../system-tests/lib/service-process.ts'
import { textOf } from './requests.ts'

const MODERATOR_TOKEN = 'moderator-of-the-tests'
const VISITORS = 6
/** Posts of each visitor. */
const ROUNDS = 30

let mongo: MongoMemoryReplSet
beforeAll(async () => { mongo = await startMongo() })
afterAll(async () => { await mongo.stop() })

async function startPlatform () {
  const env = {
    MONGODB_URI: mongo.getUri('guestbook'),
    MODERATOR_TOKEN,
    RATE_LIMIT_POSTS: '1000000'
  }
  const backends = await Promise.all([0, 1].map(async () => await startService('backend', { env })))
  const frontends = await Promise.all(backends.map(async ({ url }) =>
    await startService('frontend', { env: { BACKEND_URL: url, RATE_LIMIT_POSTS: '1000000' } })))
  const dispatcher = new Agent()
  cleanUp(async () => { await dispatcher.destroy() })
  return {
    backends: backends.map(({ url }) => `${url}/api/v1/messages`),
    frontends: frontends.map(({ url }) => url),
    dispatcher
  }
}

test('every frontend and backend shows a new message immediately, and no hidden one', async () => {
  const { backends, frontends, dispatcher } = await startPlatform()

  /** The ids of the messages that each frontend and each backend shows. */
  const shownEverywhere = async () =>
    await Promise.all([
      ...frontends.map(async url => messagesIn(await textOf(url)).map(({ id }) => id)),
      ...backends.map(async url =>
        (JSON.parse(await textOf(url)) as { messages: Array<{ id: string }> }).messages.map(
          ({ id }) => id
        )
      )
    ])

  async function visit (number: number): Promise<void> {
    const visitor = new Visitor(frontends[number % 2]!, dispatcher)
    for (let round = 0; round < ROUNDS; round++) {
      const answer = await visitor.post(`Visitor ${number}`, `Message ${round}`)
      expect(answer.status).toBe(303)
      const id = postedId(answer)
      for (const shown of await shownEverywhere()) expect(shown).toContain(id)
      if (round % 3 > 0) continue

      const backend = backends[round % 2]!
      const { statusCode, body } = await request(`${backend}/${id}/hide`, {
        method: 'POST',
        headers: { authorization: `Bearer ${MODERATOR_TOKEN}` }
      })
      await body.dump()
      expect(statusCode).toBe(200)
      for (const shown of await shownEverywhere()) expect(shown).not.toContain(id)
    }
  }
  await Promise.all(Array.from({ length: VISITORS }, async (_, number) => await visit(number)))
})
