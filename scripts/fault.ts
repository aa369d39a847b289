/** `make fault`: a game day on a running service. It ends by itself, also when this program is killed. */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { seconds } from '../alert-rules/generator/duration.ts'
import { PROFILES, type Fault } from './fault-profiles.ts'

const HELP = `Usage: FAULTS_TOKEN=... make fault NAME=unstable FOR=10m [URL=http://localhost:9301]
  FAULTS_TOKEN  the token with which the service was started
  URL           management address of the service: 9301 is the backend (default), 9300 the frontend
  NAME          ${Object.entries(PROFILES)
    .map(([name, { meaning }]) => `${name.padEnd(14)} ${meaning}`)
    .join(`\n${' '.repeat(16)}`)}`

/** How long a fault outlives the last word of this program. */
const GRACE_SECONDS = 5

const {
  values: { name = '', for: duration = '', url = 'http://localhost:9301', help }
} = parseArgs({
  options: {
    name: { type: 'string' },
    for: { type: 'string' },
    url: { type: 'string' },
    help: { type: 'boolean' }
  }
})

function refuse (message: string): never {
  console.error(`${message}\n${HELP}`)
  process.exit(2)
}

async function tell (fault: Fault | null, lasting: number): Promise<void> {
  const answer = await fetch(`${url}/faults`, {
    method: fault ? 'PUT' : 'DELETE',
    headers: {
      authorization: `Bearer ${process.env.FAULTS_TOKEN}`,
      ...(fault && { 'content-type': 'application/json' })
    },
    ...(fault && {
      body: JSON.stringify({ ...fault, expiresInSeconds: Math.ceil(lasting) + GRACE_SECONDS })
    })
  }).catch(error => {
    throw new Error(
      `${url} does not answer (${error.cause?.code ?? error.message}): is it the management address?`
    )
  })
  if (!answer.ok) throw new Error(`${url}/faults answered ${answer.status}: ${await answer.text()}`)
}

if (help) {
  console.log(HELP)
  process.exit()
}
const profile = PROFILES[name] ?? refuse(name ? `There is no fault "${name}".` : 'Which fault?')
if (!/^(\d+[smh])+$/.test(duration)) {
  refuse(`FOR is a duration such as 30s or 10m, not "${duration}".`)
}
if (!process.env.FAULTS_TOKEN) refuse('FAULTS_TOKEN is not set.')

const ends = Date.now() + seconds(duration) * 1000
const interrupted = new AbortController()
process.once('SIGINT', () => { interrupted.abort() })
try {
  console.log(
    `${name} on ${url} until ${new Date(ends).toISOString().slice(11, 19)} UTC: ${profile.meaning}. Ctrl-C ends it.`
  )
  while (Date.now() < ends && !interrupted.signal.aborted) {
    for (const step of profile.steps(Math.random)) {
      const lasting = Math.min(step.seconds, (ends - Date.now()) / 1000)
      if (lasting <= 0 || interrupted.signal.aborted) break
      await tell(step.fault, lasting)
      await sleep(lasting * 1000, undefined, { signal: interrupted.signal }).catch(() => {})
    }
  }
  await tell(null, 0)
  console.log('over')
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
