/** Asks the deployed stores what every panel asks, and follows one post from metrics to trace to logs. */
import { readdirSync } from 'node:fs'
import { request } from 'undici'
import { ALERT_RULES, readDashboards } from '../../../alert-rules/generator/provisioning.ts'
import { until } from '../../lib/until.ts'
import { say } from '../drill.ts'
import { diagnosis, readRunbook } from '../runbook.ts'
import { keepVisiting } from '../visits.ts'
import { Forward, kubectl } from './kubectl.ts'
import { Stores } from './stores.ts'

const PATIENCE_MS = 5 * 60_000
/** Panels that may be empty on a platform that is well, and why. */
const MAY_BE_EMPTY: Record<string, string> = {
  'guestbook-overview: Containers in CrashLoopBackOff': 'nothing crashes',
  'guestbook-overview: Free space on volumes':
    'the kubelet tells nothing of hostPath volumes, which Kind has',
  'guestbook-mongodb: Hours since the last successful backup': 'no backup is made, or none was yet'
}

/** The backend is late, fails, and seems to be without its store, for as long as the panels need to see it. */
async function injectFault (): Promise<void> {
  const encoded = await kubectl(
    'get',
    'secret',
    'guestbook-tokens',
    '--namespace=guestbook',
    '--output=jsonpath={.data.faults-token}'
  )
  const management = await Forward.open('guestbook', 'deployment/guestbook-backend', 'management')
  try {
    await until(
      'the fault switch of the backend',
      async () =>
        await request(`${management.url}/faults`, {
          method: 'PUT',
          headers: {
            authorization: `Bearer ${Buffer.from(encoded, 'base64').toString()}`,
            'content-type': 'application/json'
          },
          body: JSON.stringify({
            errorRate: 0.3,
            latencyMs: 400,
            storeDown: true,
            expiresInSeconds: 60
          })
        }).then(
          async ({ statusCode, body }) => {
            await body.dump()
            return statusCode === 200
          },
          () => false
        ),
      30_000
    )
  } finally {
    management.close()
  }
}

async function askPanels (stores: Stores): Promise<void> {
  const targets = readDashboards().flatMap(({ uid, panels }) =>
    panels.flatMap(({ title, targets }) =>
      targets.map(target => ({ panel: `${uid}: ${title}`, target, answers: 0 }))
    )
  )
  const empty = () => targets.filter(({ answers }) => answers === 0)
  const patient = until('all panels', async () => {
    for (const one of empty()) one.answers = await stores.count(one.target)
    return empty().every(({ panel }) => panel in MAY_BE_EMPTY)
  }, PATIENCE_MS)
  await patient.catch(error => { if (empty().length === 0) throw error })
  for (const { panel } of empty()) {
    say(`  no data: ${panel}${panel in MAY_BE_EMPTY ? `, because ${MAY_BE_EMPTY[panel]}` : ''}`)
  }
  const wrong = empty().filter(({ panel }) => !(panel in MAY_BE_EMPTY))
  if (wrong.length > 0) {
    throw new Error(
      `${wrong.length} queries of panels have no data after ${PATIENCE_MS / 1000} s.`
    )
  }
  say(
    `${targets.length - empty().length} of ${targets.length} queries of ${new Set(targets.map(({ panel }) => panel)).size} panels have data`
  )
}

/** What an engineer does who clicks on a dot of the duration panel, then on the trace's logs, then on a line's trace. */
async function followPost (stores: Stores): Promise<void> {
  const services = ['guestbook-frontend', 'guestbook-backend']
  await until('a post in metrics, trace and logs', async () => {
    for (const {
      labels: { trace_id: id }
    } of await stores.exemplars(
        'http_request_duration_seconds_bucket{job="guestbook-frontend",method="POST"}'
      )) {
      if (!id) continue
      const spans = await stores.spans(id)
      if (
        !services.every(service => spans.some(span => span.service === service)) ||
        !spans.some(({ database }) => database)
      ) { continue }
      const lines = await Promise.all(
        services.map(async app => await stores.lines(`{app="${app}"} | trace_id="${id}"`))
      )
      if (
        !lines.every(
          found => found.length > 0 && found.every(({ labels }) => labels.trace_id === id)
        )
      ) { continue }
      say(
        `the post ${id}: an exemplar in Prometheus, ${spans.length} spans in Tempo (${[...new Set(spans.map(({ service, database }) => database ?? service))].join(', ')}), ${lines.flat().length} lines in Loki`
      )
      return true
    }
  }, PATIENCE_MS)
}

async function askRunbooks (stores: Stores): Promise<void> {
  const queries = readdirSync(`${ALERT_RULES}runbooks`).flatMap(name =>
    diagnosis(readRunbook(name), 'promql')
  )
  for (const expr of queries) await stores.count({ datasource: { type: 'prometheus' }, expr })
  say(`Prometheus understands all ${queries.length} queries of the runbooks`)
}

/** @throws whatever `interrupted` rejects with */
export async function askDashboards (interrupted: Promise<never>): Promise<void> {
  const [stores, frontend] = await Promise.all([
    Stores.open(),
    Forward.open('guestbook', 'deployment/guestbook-frontend', 3000)
  ])
  const visits = new AbortController()
  const ask = async () => {
    await until(
      'Grafana answers',
      async () =>
        await stores
          .ask('prometheus', '/api/v1/query', { query: 'vector(1)' })
          .catch(() => undefined),
      60_000
    )
    say('visitors come, and for a minute the backend is late and fails')
    void keepVisiting({ url: frontend.url, perSecond: 3, posts: true, signal: visits.signal })
    await injectFault()
    await askPanels(stores)
    await followPost(stores)
    await askRunbooks(stores)
  }
  try {
    await Promise.race([ask(), interrupted])
  } finally {
    visits.abort()
    frontend.close()
    stores.close()
  }
}
