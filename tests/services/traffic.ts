import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent } from 'undici'
import { ApiClient } from '../../system-tests/lib/api-client.ts'
import { postedId, Visitor, type Answer } from '../../system-tests/lib/visitor.ts'
import { cleanUp } from '@guestbook/service-kit/testing'
import { draftIn } from '../../system-tests/lib/page.ts'

/** Pause before a visitor submits again. */
const RETRY_PAUSE_MS = 50
/** Pause between messages, which leaves CPU time to services that are starting. */
const PAUSE_MS = 10

/** Accepts success, or an error page that keeps the draft. @throws Error with any other response */
function assertSuccessOrErrorPage (
  answer: Answer,
  expected: number,
  draft?: { name: string; message: string }
): void {
  if (answer.status === expected) return
  const isPage =
    answer.status === 503 &&
    /^text\/html/.test(String(answer.headers['content-type'])) &&
    Number(answer.headers['retry-after']) > 0
  const kept = draftIn(answer.text)
  if (
    !isPage ||
    (draft && (kept.name !== draft.name || kept.message !== draft.message)) ||
    /\bat .+:\d+:\d+\b/.test(answer.text)
  ) {
    throw new Error(
      `Unexpected response: ${answer.status} ${JSON.stringify(answer.headers)} ${answer.text}`
    )
  }
}

export interface Traffic {
  /**
   * Posts acknowledged so far, and error pages for posts and for reads.
   * @throws Error when there was any other response
   */
  progress: () => { posted: number, failedPosts: number, failedReads: number }
  /**
   * Stops the traffic and returns every acknowledged message: text by id.
   * @throws Error when there was a response other than success or an error page
   */
  end: () => Promise<Map<string, string>>
}

/**
 * Starts visitors who post continuously and retry each form until it succeeds, and visitors who
 * read. `url` may be a function that returns the URL of the next request.
 */
export function startTraffic (
  url: string | (() => string),
  { posters = 6, readers = 2 } = {}
): Traffic {
  const dispatcher = new Agent()
  cleanUp(async () => { await dispatcher.destroy() })
  const choose = typeof url === 'string' ? () => url : url
  const acknowledged = new Map<string, string>()
  const ending = new AbortController()
  let failedPosts = 0
  let failedReads = 0
  let failure: unknown

  async function post (poster: number): Promise<void> {
    const visitor = new Visitor(choose(), dispatcher)
    while (!ending.signal.aborted) {
      const message = `<b>"It's" & ${randomUUID()}</b>\nand more`
      const draft = { name: `Poster ${poster}`, message }
      const send = async ({ name, message }: typeof draft) => {
        visitor.url = choose()
        const answer = await visitor.post(name, message)
        assertSuccessOrErrorPage(answer, 303, draft)
        return answer
      }
      let answer = await send(draft)
      while (answer.status !== 303) {
        failedPosts++
        await sleep(RETRY_PAUSE_MS)
        answer = await send(draftIn(answer.text))
      }
      const id = postedId(answer)
      if (acknowledged.has(id)) throw new Error(`Two messages were acknowledged as ${id}`)
      acknowledged.set(id, message)
      await sleep(PAUSE_MS)
    }
  }

  async function read (): Promise<void> {
    const visitor = new Visitor(choose(), dispatcher)
    while (!ending.signal.aborted) {
      visitor.url = choose()
      const answer = await visitor.read()
      assertSuccessOrErrorPage(answer, 200)
      if (answer.status !== 200) failedReads++
      await sleep(answer.status === 200 ? PAUSE_MS : RETRY_PAUSE_MS)
    }
  }

  const visitors = Promise.all([
    ...Array.from({ length: posters }, async (_, poster) => await post(poster)),
    ...Array.from({ length: readers }, read)
  ])
  visitors.catch((error: unknown) => { failure = error })
  return {
    progress: () => {
      if (failure) throw failure
      return { posted: acknowledged.size, failedPosts, failedReads }
    },
    end: async () => {
      ending.abort()
      await visitors
      return acknowledged
    }
  }
}

/** All stored messages: text by id. */
export async function storedMessages (backendUrl: string): Promise<Map<string, string>> {
  const messages = await new ApiClient(backendUrl).all()
  return new Map(messages.map(({ id, message }) => [id, message]))
}
