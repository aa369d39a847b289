import { expect, test } from '@jest/globals'
import { cleanUp } from '@guestbook/service-kit/testing'
import { Agent } from 'undici'
import { ApiClient, type MessagePage } from '../../system-tests/lib/api-client.ts'
import { messagesIn } from '../../system-tests/lib/page.ts'
import { startService } from '../../system-tests/lib/service-process.ts'
import { postedId, Visitor } from '../../system-tests/lib/visitor.ts'
import { useDatabase } from './database.ts'

const MODERATOR_TOKEN = 'moderator-of-the-tests'
const VISITORS = 6
/** Posts of each visitor. */
const ROUNDS = 30

const mongodbUri = useDatabase()

async function startPlatform () {
  const common = { RATE_LIMIT_POSTS: '1000000' }
  const env = { ...common, MONGODB_URI: mongodbUri(), MODERATOR_TOKEN }
  const backends = await Promise.all([0, 1].map(async () => await startService('backend', { env })))
  const frontends = await Promise.all(backends.map(async ({ url }) =>
    await startService('frontend', { env: { ...common, BACKEND_URL: url } })))
  const dispatcher = new Agent()
  cleanUp(async () => { await dispatcher.destroy() })
  const options = { dispatcher, moderatorToken: MODERATOR_TOKEN }
  return {
    backends: backends.map(({ url }) => new ApiClient(url, options)),
    visitorOf: (index: number) => new Visitor(frontends[index % 2]!.url, dispatcher)
  }
}

test('every frontend and backend shows a new message immediately, and no hidden one', async () => {
  const { backends, visitorOf } = await startPlatform()
  const readers = [visitorOf(0), visitorOf(1)]

  /** The ids of the messages that each frontend and each backend shows. */
  const shownEverywhere = async () =>
    await Promise.all([
      ...readers.map(async reader => messagesIn((await reader.read()).text)),
      ...backends.map(async api => {
        const { text } = await api.list({ limit: 20 })
        return (JSON.parse(text) as MessagePage).messages
      })
    ].map(async messages => (await messages).map(({ id }) => id)))

  async function visit (number: number): Promise<void> {
    const visitor = visitorOf(number)
    for (let round = 0; round < ROUNDS; round++) {
      const answer = await visitor.post(`Visitor ${number}`, `Message ${round}`)
      expect(answer.status).toBe(303)
      const id = postedId(answer)
      for (const shown of await shownEverywhere()) expect(shown).toContain(id)
      if (round % 3 > 0) continue

      expect((await backends[round % 2]!.moderate(id, 'hide')).status).toBe(200)
      for (const shown of await shownEverywhere()) expect(shown).not.toContain(id)
    }
  }
  await Promise.all(Array.from({ length: VISITORS }, async (_, number) => await visit(number)))
})
