/**
 * Measures the MongoDB driver alone: CONNECTIONS loops insert messages into MONGODB_URI for
 * DURATION_MS. Prints a line of JSON.
 */
import { randomUUID } from 'node:crypto'
import { MongoClient } from 'mongodb'

const { MONGODB_URI, CONNECTIONS, DURATION_MS } = process.env
const client = await MongoClient.connect(MONGODB_URI)
const messages = client
  .db()
  .collection('messages', { writeConcern: { w: 'majority', journal: true } })
const latencies = []
const started = performance.now()

async function insertAgainAndAgain () {
  for (;;) {
    const before = performance.now()
    if (before - started >= Number(DURATION_MS)) return
    const id = randomUUID()
    await messages.insertOne({
      _id: id,
      name: 'A guest of the benchmark',
      message: `Hello from ${id}. `.padEnd(140, 'It was lovely. '),
      createdAt: new Date(),
      hidden: false
    })
    latencies.push(performance.now() - before)
  }
}
await Promise.all(Array.from({ length: Number(CONNECTIONS) }, insertAgainAndAgain))
const seconds = (performance.now() - started) / 1000
const { user, system } = process.cpuUsage()
await client.close()
const sorted = Float64Array.from(latencies).sort()
const at = percent => sorted[Math.ceil(sorted.length * percent / 100) - 1]
console.log(
  JSON.stringify({
    requests: latencies.length,
    seconds,
    errors: 0,
    cpuSeconds: (user + system) / 1e6,
    p50Ms: at(50),
    p99Ms: at(99)
  })
)
