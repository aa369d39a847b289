import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { postedId, Visitor, type Answer } from '../../system-tests/lib/visitor.ts'
import { cleanUp } from '../../system-tests/lib/process.ts'
import { draftIn } from '../../system-tests/lib/page.ts'

/** What a visitor takes to press the button again. */
const HAND_MS = 50
/** Between messages: without it the services starting anew would have no processor left. */
const PAUSE_MS = 10

/** What may come back: success, or a page in words that still has the form with what was typed. Anything else is a raw error. */
function assertFriendly (
  answer: Answer,
  wanted: number,
  draft?: { name: string; message: string }
): void {
  if (answer.status === wanted) return
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
      `A visitor got a raw error: ${answer.status} ${JSON.stringify(answer.headers)} ${answer.text}`
    )
  }
}

export interface Traffic {
  /**
   * Posts acknowledged so far, and friendly error pages for posts and for reads. Throws when a
   * visitor got anything else.
   */
  progress: () => { posted: number, refusals: number, unread: number }
  /** Ends it and gives every acknowledged message: text by id. Rejects when a visitor got anything else than success or a friendly page. */
  end: () => Promise<Map<string, string>>
}

/**
 * People who write one message after the other, each sending the same form again until it is taken, and people who read.
 * `url` may be a function that says where the next request goes.
 */
export function startTraffic (
  url: string | (() => string),
  { posters = 6, readers = 2 } = {}
): Traffic {
  const dispatcher = new Agent()
  cleanUp(async () => {
    await dispatcher.destroy()
  })
  const choose = typeof url === 'string' ? () => url : url
  const acknowledged = new Map<string, string>()
  const ending = new AbortController()
  let refusals = 0
  let unread = 0
  let failure: unknown

  async function post (poster: number): Promise<void> {
    const visitor = new Visitor(choose(), dispatcher)
    while (!ending.signal.aborted) {
      const draft = {
        name: `Poster ${poster}`,
        message: `<b>"It's" & ${randomUUID()}</b>\nand more`
      }
      visitor.url = choose()
      let answer = await visitor.post(draft.name, draft.message)
      for (;;) {
        assertFriendly(answer, 303, draft)
        if (answer.status === 303) break
        refusals++
        await sleep(HAND_MS)
        const kept = draftIn(answer.text)
        visitor.url = choose()
        answer = await visitor.post(kept.name, kept.message)
      }
      const id = postedId(answer)
      if (acknowledged.has(id)) throw new Error(`Two messages were acknowledged as ${id}`)
      acknowledged.set(id, draft.message)
      await sleep(PAUSE_MS)
    }
  }

  async function read (): Promise<void> {
    const visitor = new Visitor(choose(), dispatcher)
    while (!ending.signal.aborted) {
      visitor.url = choose()
      const answer = await visitor.read()
      assertFriendly(answer, 200)
      if (answer.status !== 200) unread++
      await sleep(answer.status === 200 ? PAUSE_MS : HAND_MS)
    }
  }

  const people = Promise.all([
    ...Array.from({ length: posters }, async (_, poster) => await post(poster)),
    ...Array.from({ length: readers }, read)
  ])
  people.catch((error: unknown) => {
    failure = error
  })
  return {
    progress: () => {
      if (failure) throw failure
      return { posted: acknowledged.size, refusals, unread }
    },
    end: async () => {
      ending.abort()
      await people
      return acknowledged
    }
  }
}

/** Everything that is stored, read page by page: text by id. */
export async function storedMessages (backendUrl: string): Promise<Map<string, string>> {
  const stored = new Map<string, string>()
  for (let cursor: string | null = ''; cursor !== null;) {
    const { body } = await request(
      `${backendUrl}/api/v1/messages?limit=100${cursor && `&cursor=${cursor}`}`
    )
    const page = (await body.json()) as {
      messages: Array<{ id: string; message: string }>
      nextCursor: string | null
    }
    for (const { id, message } of page.messages) stored.set(id, message)
    cursor = page.nextCursor
  }
  return stored
}
