/** Runs every query of the dashboards, and follows one post from metrics to trace to logs. */
import { readdirSync } from 'node:fs'
import { ALERT_RULES, readDashboards } from '../../../alert-rules/generator/provisioning.ts'
import { setFault } from '../../lib/faults-client.ts'
import { until } from '../../lib/until.ts'
import { say } from '../drill.ts'
import { diagnosis, readRunbook } from '../../../alert-rules/generator/runbooks.ts'
import { keepVisiting } from '../visits.ts'
import { guestbook, secretValue } from './namespaces.ts'
import { Stores } from './stores.ts'

const TIMEOUT_MS = 5 * 60_000
/** Panels that may be empty on a healthy platform, and why. */
const MAY_BE_EMPTY: Record<string, string> = {
  'guestbook-overview: Containers in CrashLoopBackOff': 'no container crashes',
  'guestbook-overview: Free space on volumes':
    'the kubelet has no metrics of hostPath volumes, which Kind uses',
  'guestbook-mongodb: Hours since the last successful backup': 'no backup has been made'
}

/** Makes the backend slow, faulty and without a store for as long as the panels need to show it. */
async function injectFault (): Promise<void> {
  const token = await secretValue(guestbook, 'guestbook-tokens', 'faults-token')
  const management = await guestbook.forward('deployment/guestbook-backend', 'management')
  try {
    await management.ready()
    const fault = { errorRate: 0.3, latencyMs: 400, storeDown: true }
    await setFault(management.url, token, fault, 60)
  } finally {
    management.close()
  }
}

async function queryPanels (stores: Stores): Promise<void> {
  const targets = readDashboards().flatMap(({ uid, panels }) =>
    panels.flatMap(({ title, targets }) =>
      targets.map(target => ({ panel: `${uid}: ${title}`, target, answers: 0 }))
    )
  )
  const empty = () => targets.filter(({ answers }) => answers === 0)
  const allAnswered = until('all panels', async () => {
    for (const one of empty()) one.answers = await stores.count(one.target)
    return empty().every(({ panel }) => panel in MAY_BE_EMPTY)
  }, TIMEOUT_MS)
  await allAnswered.catch(error => { if (empty().length === 0) throw error })
  for (const { panel } of empty()) {
    say(`  no data: ${panel}${panel in MAY_BE_EMPTY ? `, because ${MAY_BE_EMPTY[panel]}` : ''}`)
  }
  const wrong = empty().filter(({ panel }) => !(panel in MAY_BE_EMPTY))
  if (wrong.length > 0) {
    throw new Error(
      `${wrong.length} queries of panels have no data after ${TIMEOUT_MS / 1000} s.`
    )
  }
  const panels = new Set(targets.map(({ panel }) => panel)).size
  const answered = targets.length - empty().length
  say(`${answered} of ${targets.length} queries of ${panels} panels have data`)
}

/** Follows the links from an exemplar of the duration panel to its trace and its logs. */
async function followPost (stores: Stores): Promise<void> {
  const posts = 'http_request_duration_seconds_bucket{job="guestbook-frontend",method="POST"}'
  const found = await until('a post in metrics, trace and logs', async () => {
    for (const { labels } of await stores.exemplars(posts)) {
      if (!labels.trace_id) continue
      const summary = await followTrace(stores, labels.trace_id)
      if (summary) return summary
    }
  }, TIMEOUT_MS)
  say(found)
}

/** Resolves to nothing until spans and lines of both services have arrived. */
async function followTrace (stores: Stores, id: string): Promise<string | undefined> {
  const services = ['guestbook-frontend', 'guestbook-backend']
  const spans = await stores.spans(id)
  const isTraced = services.every(service => spans.some(span => span.service === service))
  if (!isTraced || !spans.some(({ database }) => database)) return
  const lines = await Promise.all(
    services.map(async app => await stores.lines(`{app="${app}"} | trace_id="${id}"`))
  )
  const isLogged = lines.every(
    found => found.length > 0 && found.every(({ labels }) => labels.trace_id === id)
  )
  if (!isLogged) return
  const systems = new Set(spans.map(({ service, database }) => database ?? service))
  return `the post ${id}: an exemplar in Prometheus, ` +
    `${spans.length} spans in Tempo (${[...systems].join(', ')}), ` +
    `${lines.flat().length} lines in Loki`
}

async function queryRunbooks (stores: Stores): Promise<void> {
  const queries = readdirSync(`${ALERT_RULES}runbooks`).flatMap(name =>
    diagnosis(readRunbook(name), 'promql')
  )
  for (const expr of queries) await stores.count({ datasource: { type: 'prometheus' }, expr })
  say(`Prometheus accepts all ${queries.length} queries of the runbooks`)
}

export async function checkDashboards (interrupted: Promise<never>): Promise<void> {
  const [stores, frontend] = await Promise.all([
    Stores.open(),
    guestbook.forward('deployment/guestbook-frontend', 3000)
  ])
  const visits = new AbortController()
  const check = async () => {
    await until(
      'Grafana answers',
      async () =>
        await stores
          .query('prometheus', '/api/v1/query', { query: 'vector(1)' })
          .catch(() => undefined),
      60_000
    )
    say('visitors read and post, and for a minute the backend is slow and fails')
    void keepVisiting({ url: frontend.url, perSecond: 3, posts: true, signal: visits.signal })
    await injectFault()
    await queryPanels(stores)
    await followPost(stores)
    await queryRunbooks(stores)
  }
  try {
    await Promise.race([check(), interrupted])
  } finally {
    visits.abort()
    frontend.close()
    stores.close()
  }
}
