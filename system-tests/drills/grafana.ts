/** Starts Grafana with the files of alert-rules/, whose durations are scaled. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { alertingFiles, ALERT_RULES } from '../../alert-rules/generator/provisioning.ts'
import { until } from '../lib/until.ts'
import { freePort } from '../lib/free-port.ts'
import { ServerProcess } from '../lib/server-process.ts'
import type { Addresses, Engine } from './engine.ts'
import { scaleFile } from './scale.ts'

export const { GRAFANA = 'grafana', GRAFANA_HOME = '/usr/share/grafana' } = process.env
export const GRAFANA_HELP = `  GRAFANA          Grafana's program (default: grafana on the PATH)
  GRAFANA_HOME     the folder with its conf and public (default: /usr/share/grafana)`

/** The shortest interval of evaluations. Provisioned notification policies need a minute. */
const EVALUATES_EVERY_SECONDS = 10
/** The interval in which a resolved alert is sent, also when it fires again. */
const RESENDS_EVERY_SECONDS = 30

export async function startGrafana (
  folder: string,
  prometheusUrl: string,
  addresses: Addresses
): Promise<Engine> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const provisioning = `${folder}/provisioning`
  for (const kind of ['datasources', 'alerting', 'dashboards', 'plugins', 'notifiers']) {
    mkdirSync(`${provisioning}/${kind}`, { recursive: true })
  }
  const write = (path: string, value: unknown) => {
    writeFileSync(`${provisioning}/${path}`, stringify(value))
  }
  write('datasources/prometheus.yml', {
    apiVersion: 1,
    datasources: [
      {
        name: 'Prometheus',
        uid: 'prometheus',
        type: 'prometheus',
        access: 'proxy',
        url: prometheusUrl
      }
    ]
  })
  write('dashboards/guestbook.yml', {
    apiVersion: 1,
    providers: [
      { name: 'guestbook', type: 'file', options: { path: `${ALERT_RULES}dashboards` } }
    ]
  })
  for (const [name, file] of Object.entries(alertingFiles())) {
    write(`alerting/${name}`, scaleFile(file, EVALUATES_EVERY_SECONDS))
  }

  const program = new ServerProcess({
    command: GRAFANA,
    args: ['server', `--homepath=${GRAFANA_HOME}`],
    env: {
      GF_SERVER_HTTP_ADDR: '127.0.0.1',
      GF_SERVER_HTTP_PORT: `${port}`,
      GF_SERVER_ROOT_URL: addresses.grafana,
      GF_PATHS_DATA: `${folder}/grafana`,
      GF_PATHS_LOGS: `${folder}/grafana/log`,
      GF_PATHS_PLUGINS: `${folder}/grafana/plugins`,
      GF_PATHS_PROVISIONING: provisioning,
      GF_LOG_MODE: 'console',
      GF_ANALYTICS_REPORTING_ENABLED: 'false',
      GF_ANALYTICS_CHECK_FOR_UPDATES: 'false',
      GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: 'false',
      GF_AUTH_ANONYMOUS_ENABLED: 'true',
      PAGERDUTY_INTEGRATION_KEY: addresses.integrationKey,
      PAGERDUTY_URL: addresses.pagerDuty,
      HEARTBEAT_URL: addresses.heartbeat,
      RUNBOOK_BASE_URL: addresses.runbooks,
      GRAFANA_URL: addresses.grafana,
      // Versions before 11.1 cannot configure PagerDuty's address.
      HTTPS_PROXY: addresses.proxy,
      SSL_CERT_FILE: addresses.certificate
    },
    log: `${folder}/grafana.log`,
    ready: `${url}/api/health`
  })
  await program.start()
  const wanted = readdirSync(`${ALERT_RULES}dashboards`).length
  await until(
    `${wanted} dashboards in Grafana`,
    async () =>
      ((await (await fetch(`${url}/api/search?tag=guestbook`)).json()) as unknown[]).length ===
      wanted,
    30_000
  )
  const { version } = (await (await fetch(`${url}/api/health`)).json()) as { version: string }
  return {
    name: `Grafana ${version}`,
    slackSeconds: 3 * EVALUATES_EVERY_SECONDS + RESENDS_EVERY_SECONDS,
    settleSeconds: 75,
    evaluates: () => true,
    hasDetails: Number.parseInt(version) >= 10,
    start: async () => { await program.start() },
    stop: async () => { await program.stop() }
  }
}
