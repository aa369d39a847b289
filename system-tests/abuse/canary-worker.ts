/** Runs the canary client in a thread of its own, so that sending attacks does not slow it down. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import { Agent } from 'undici'
import { Visitor } from '../lib/visitor.ts'
import type { Observation } from './canary-client.ts'

const PAUSE_MS = 20
const POST_EVERY = 5

const visitor = new Visitor(workerData as string, new Agent())
let text: string | undefined
let observed: Observation[] = []
parentPort!.on('message', () => {
  parentPort!.postMessage(observed)
  observed = []
})

for (let turn = 0; ; turn++) {
  const isPost = visitor.hasForm && turn % POST_EVERY === 0
  const started = performance.now()
  let problem: string | undefined
  let isShed = false
  try {
    const next = `Hello from ${randomUUID()}`
    const answer = await (isPost ? visitor.post('Canary', next) : visitor.read())
    isShed = answer.status === 503 && answer.headers['retry-after'] !== undefined
    if (!isShed && answer.status !== (isPost ? 303 : 200)) problem = `HTTP ${answer.status}`
    // Only an attack of posts (xxx) pushes the canary's message off the page.
    if (isPost && answer.status === 303) text = next
    else if (!isPost && answer.status === 200 && !answer.text.includes('</html>')) {
      problem = 'half a page'
    } else if (
      !isPost &&
      answer.status === 200 &&
      text !== undefined &&
      !answer.text.includes(text) &&
      !answer.text.includes('xxx')
    ) {
      problem = 'a page without the message just posted'
    }
  } catch (error) {
    const { name, code } = error as NodeJS.ErrnoException
    problem = code ?? name
  }
  observed.push({ ms: performance.now() - started, isShed, problem })
  await sleep(PAUSE_MS)
}
