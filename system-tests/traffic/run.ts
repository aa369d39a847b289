/** `make traffic`: steady traffic for drills and demonstrations. */
import { randomUUID } from 'node:crypto'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import { Agent } from 'undici'
import { command } from '../lib/command.ts'
import { HELP, parseOptions, USAGE, type Options } from './options.ts'
import { Statistics } from './statistics.ts'
import { Visitor } from '../lib/visitor.ts'

async function send ({ url, rate, posts, durationMs, timeoutMs, json }: Options): Promise<boolean> {
  const statistics = new Statistics()
  const dispatcher = new Agent()
  // Each visitor reads the page in the first second and then sends about one request a second.
  const visitors = Array.from(
    { length: Math.ceil(rate) },
    () => new Visitor(url, dispatcher, timeoutMs)
  )
  const visits: Array<Promise<void>> = []
  const interrupted = new AbortController()
  process.once('SIGINT', () => { interrupted.abort() })
  const stopProgress = showProgress(statistics)
  const started = performance.now()
  let owedPosts = 0
  for (let n = 0; n < rate * durationMs / 1000; n++) {
    const waitMs = started + 1000 * n / rate - performance.now()
    // Answers must be received even without a pause.
    await (waitMs >= 1
      ? sleep(waitMs, undefined, { signal: interrupted.signal }).catch(() => {})
      : setImmediate())
    if (interrupted.signal.aborted) break
    const visitor = visitors[n % visitors.length]!
    owedPosts += posts
    const isPost = visitor.hasForm && owedPosts >= 1
    if (isPost) owedPosts -= 1
    visits.push(visit(visitor, isPost, statistics))
  }
  await Promise.all(visits)
  stopProgress()
  await dispatcher.close()

  const summary = {
    url,
    seconds: Math.round((performance.now() - started) / 100) / 10,
    ...statistics.summary()
  }
  if (json) console.log(JSON.stringify(summary))
  else {
    console.log(`${summary.seconds} s: ${statistics}`)
    for (const kind of ['reads', 'posts'] as const) {
      const { answered, p50, p95, p99 } = summary[kind]
      if (answered > 0) {
        console.log(`${kind}: ${answered} answered, p50 ${p50} ms, p95 ${p95} ms, p99 ${p99} ms`)
      }
    }
  }
  return summary.ok > 0
}

async function visit (visitor: Visitor, isPost: boolean, statistics: Statistics): Promise<void> {
  const kind = isPost ? 'post' : 'read'
  const started = performance.now()
  statistics.sent++
  try {
    const { status } = await (isPost
      ? visitor.post('Traffic', `Hello from ${randomUUID()}`)
      : visitor.read())
    const outcome =
      status === (isPost ? 303 : 200) ? 'ok' : status === 429 ? 'limited' : `HTTP ${status}`
    statistics.ended(kind, outcome, performance.now() - started)
  } catch (error) {
    const { name, code } = error as NodeJS.ErrnoException
    statistics.ended(kind, name === 'TimeoutError' ? 'timeout' : code ?? name)
  }
}

/** Rewrites one line every second on a terminal, and prints a line every 5 seconds to a log. */
function showProgress (statistics: Statistics): () => void {
  const { isTTY, columns } = process.stderr
  const write = () =>
    process.stderr.write(
      isTTY ? `\r\x1b[K${String(statistics).slice(0, columns - 1)}` : `${statistics}\n`
    )
  const timer = setInterval(write, isTTY ? 1000 : 5000)
  return () => {
    clearInterval(timer)
    if (isTTY) process.stderr.write('\r\x1b[K')
  }
}

await command({ parse: parseOptions, usage: USAGE, help: HELP, run: send })
