// Runs inside the cluster, in the frontend's image: visits the page until it is stopped, half of the time on kept-alive,
// half on fresh connections. Prints what it saw as one line of JSON. In mode `once` nothing is tried twice and there is no
// pause; in mode `persist` a visitor sends the same text again until it is acknowledged, and breathes between visits.
import { Agent, request } from 'node:http'
import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

const [url, mode] = process.argv.slice(1) // given to --eval, so without a file's name
const isPersistent = mode === 'persist'
const WORKERS = 8
const POST_SHARE = 0.1
const PATIENCE_MS = 60_000
const PAUSE_MS = isPersistent ? 100 : 0
const agents = [new Agent({ keepAlive: false }), new Agent({ keepAlive: true })]
const result = { sent: 0, posted: [], abandoned: [], failures: [], longestWaitMs: 0 }
const stopping = new AbortController()
process.once('SIGTERM', () => { stopping.abort() })

function call (agent, cookie, form) {
  return new Promise((resolve, reject) => {
    const headers = { cookie, ...(form && { 'content-type': 'application/x-www-form-urlencoded' }) }
    const req = request(
      url,
      { agent, method: form ? 'POST' : 'GET', headers, timeout: 30_000 },
      res => {
        res
          .resume()
          .once('end', () => {
            resolve(res)
          })
          .once('error', reject)
      }
    )
    req.once('timeout', () => { req.destroy(new Error('no answer in 30 s')) }).once('error', reject)
    req.end(form)
  })
}

/** Whether it was answered as it should be. */
async function ask (n, cookie, form) {
  try {
    result.sent++
    const { statusCode } = await call(agents[n % 2], cookie, form)
    if (statusCode !== (form ? 303 : 200)) throw new Error(`status ${statusCode}`)
    return true
  } catch (error) {
    result.failures.push({
      at: new Date().toISOString(),
      what: form ? 'post' : 'read',
      kept: Boolean(n % 2),
      error: error.message
    })
    return false
  }
}

async function visit (n, cookie) {
  const text = Math.random() < POST_SHARE ? `e2e ${randomUUID()}` : undefined
  const form = text && new URLSearchParams({ name: 'E2E', message: text }).toString()
  const start = performance.now()
  const patience = isPersistent ? PATIENCE_MS : 0
  let answered = await ask(n, cookie, form)
  while (!answered && performance.now() - start < patience) {
    await sleep(PAUSE_MS)
    answered = await ask(n, cookie, form)
  }
  result.longestWaitMs = Math.max(result.longestWaitMs, Math.round(performance.now() - start))
  if (text) (answered ? result.posted : result.abandoned).push(text)
}

async function work () {
  const cookie = `visitor=${randomBytes(16).toString('base64url')}`
  for (let n = 0; !stopping.signal.aborted; n++) {
    await visit(n, cookie)
    if (PAUSE_MS) await sleep(PAUSE_MS)
  }
}

/** Network policies let a new pod in only once the nodes have learnt its address, for which no guestbook can be blamed. */
async function beLetIn () {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(100)) {
    const answer = await call(agents[0], '').catch(() => undefined)
    if (answer?.statusCode === 200) return
  }
}

await beLetIn()
console.log('started')
await Promise.all(Array.from({ length: WORKERS }, work))
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit()) // a pipe takes long lines in pieces
