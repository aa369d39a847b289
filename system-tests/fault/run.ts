/** `make fault`: injects a fault into a running service. It expires when this program is killed. */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { seconds } from '../../alert-rules/generator/duration.ts'
import { setFault, type Fault } from '../lib/faults-client.ts'
import { PROFILES } from './profiles.ts'

const HELP = `Usage: FAULTS_TOKEN=... make fault NAME=unstable FOR=10m [URL=http://localhost:9301]
  FAULTS_TOKEN  the token with which the service was started
  URL           management address of the service: 9301 is the backend (default), 9300 the frontend
  NAME          ${Object.entries(PROFILES)
    .map(([name, { meaning }]) => `${name.padEnd(14)} ${meaning}`)
    .join(`\n${' '.repeat(16)}`)}`

/** A fault outlives this program by this time. */
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

function reject (message: string): never {
  console.error(`${message}\n${HELP}`)
  process.exit(2)
}

if (help) {
  console.log(HELP)
  process.exit()
}
const { FAULTS_TOKEN: token } = process.env
const profile = PROFILES[name] ?? reject(name ? `Unknown fault "${name}".` : 'NAME is missing.')
if (!/^(\d+[smh])+$/.test(duration)) {
  reject(`FOR is a duration such as 30s or 10m, not "${duration}".`)
}
if (!token) reject('FAULTS_TOKEN is not set.')

const end = Date.now() + seconds(duration) * 1000
const interrupted = new AbortController()
process.once('SIGINT', () => { interrupted.abort() })
const inject = async (fault: Fault | null, lasting: number) => {
  await setFault(url, token, fault, Math.ceil(lasting) + GRACE_SECONDS)
}
try {
  const time = new Date(end).toISOString().slice(11, 19)
  console.log(`${name} on ${url} until ${time} UTC: ${profile.meaning}. Ctrl-C ends it.`)
  while (Date.now() < end && !interrupted.signal.aborted) {
    for (const step of profile.steps(Math.random)) {
      const lasting = Math.min(step.seconds, (end - Date.now()) / 1000)
      if (lasting <= 0 || interrupted.signal.aborted) break
      await inject(step.fault, lasting)
      await sleep(lasting * 1000, undefined, { signal: interrupted.signal }).catch(() => {})
    }
  }
  await inject(null, 0)
  console.log('ended')
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
