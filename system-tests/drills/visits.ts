/** Visitors of a drill. Every third request is a post, because reads share calls of the backend. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Agent } from 'undici'
import { Visitor } from '../lib/visitor.ts'

export interface Visits { url: string, perSecond: number, posts: boolean, signal: AbortSignal }

/** Sends requests and ignores their outcomes until the signal. */
export async function keepVisiting ({ url, perSecond, posts, signal }: Visits): Promise<void> {
  const visitor = new Visitor(url, new Agent({ connections: 50 }), 4000)
  for (let n = 0; !signal.aborted; n++) {
    void (
      posts && visitor.hasForm && n % 3 === 0
        ? visitor.post('Drill', `Hello ${n}`)
        : visitor.read()
    ).catch(() => {})
    await sleep(1000 / perSecond, undefined, { signal }).catch(() => {})
  }
}
