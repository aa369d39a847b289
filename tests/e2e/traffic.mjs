// Runs inside the cluster, in the frontend's image: visits the page without a pause until it is stopped, half of the
// time on kept-alive, half on fresh connections, and never tries anything twice. Prints what it saw as one line of JSON.
import { Agent, request } from 'node:http'
import { randomUUID } from 'node:crypto'

const [url, workers = '8', postShare = '0.1'] = process.argv.slice(1) // given to --eval, so without a file's name
const kept = new Agent({ keepAlive: true })
const fresh = new Agent({ keepAlive: false })
const result = { sent: 0, posted: [], failures: [] }
const stopping = new AbortController()
process.once('SIGTERM', () => { stopping.abort() })

function call (agent, form) {
  return new Promise((resolve, reject) => {
    const options = form === undefined ? { agent } : { agent, method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } }
    const req = request(url, options, res => {
      res.resume().once('end', () => { resolve(res) }).once('error', reject)
    })
    req.once('error', reject)
    req.end(form)
  })
}

async function work () {
  for (let n = 0; !stopping.signal.aborted; n++) {
    const text = Math.random() < Number(postShare) ? `e2e ${randomUUID()}` : undefined
    const form = text && new URLSearchParams({ name: 'E2E', message: text }).toString()
    try {
      result.sent++
      const { statusCode } = await call(n % 2 ? kept : fresh, form)
      if (statusCode !== (form ? 303 : 200)) throw new Error(`status ${statusCode}`)
      if (form) result.posted.push(text)
    } catch (error) {
      result.failures.push({ at: new Date().toISOString(), what: form ? 'post' : 'read', kept: Boolean(n % 2), error: error.message })
    }
  }
}

console.log('started')
await Promise.all(Array.from({ length: Number(workers) }, work))
console.log(JSON.stringify(result))
process.exit()
