// Runs inside the cluster, in the frontend's image: reads and posts until SIGTERM, half of the time
// on new connections, and prints the outcomes as a line of JSON. In mode `once` there are neither
// retries nor pauses. In mode `persist` a visitor repeats a post until it is acknowledged.
import { Agent, request } from 'node:http'
import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

const [url, mode] = process.argv.slice(1) // --eval has no file name
const isPersistent = mode === 'persist'
const WORKERS = 8
const POST_SHARE = 0.1
const TIMEOUT_MS = 60_000
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

/** Whether the answer was as expected. */
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
  const timeoutMs = isPersistent ? TIMEOUT_MS : 0
  let answered = await ask(n, cookie, form)
  while (!answered && performance.now() - start < timeoutMs) {
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

/** Network policies admit a new pod only after the nodes have received its address. */
async function waitForAccess () {
  for (const deadline = Date.now() + TIMEOUT_MS; Date.now() < deadline; await sleep(100)) {
    const answer = await call(agents[0], '').catch(() => undefined)
    if (answer?.statusCode === 200) return
  }
}

await waitForAccess()
console.log('started')
await Promise.all(Array.from({ length: WORKERS }, work))
// A pipe accepts long lines in pieces.
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit())
