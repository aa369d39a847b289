/** A Prometheus that scrapes running services until the test ends. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cleanUp, temporaryFolder } from '@guestbook/service-kit/testing'
import { parse, stringify } from 'yaml'
import { ServerProcess } from '../../system-tests/lib/server-process.ts'
import { freePort } from '../../system-tests/lib/free-port.ts'
import { queryPrometheus, serveMetrics, type Sample } from '../../system-tests/lib/metrics.ts'
import { ALERT_RULES } from '../../alert-rules/generator/provisioning.ts'

const PAGES = new URL('pages/', import.meta.url)

/**
 * @param targets addresses of metrics, by job
 * Recorded metrics of third-party exporters are served from the folder pages.
 */
export async function startPrometheus (targets: Record<string, string>, pageUrl: string) {
  const folder = temporaryFolder()
  const [port, blackbox] = [await freePort(), await freePort()]
  const start = async (program: ServerProcess) => {
    cleanUp(async () => { await program.stop('SIGKILL') })
    await program.start()
  }
  const exporters = await Promise.all(readdirSync(PAGES).map(async name => {
    const exporterPort = await freePort()
    const server = await serveMetrics(exporterPort, () =>
      readFileSync(new URL(name, PAGES), 'utf8')
    )
    cleanUp(() => { server.close() })
    return [name.replace('.txt', ''), `127.0.0.1:${exporterPort}`] as const
  }))
  await start(
    new ServerProcess({
      command: 'blackbox_exporter',
      args: [
        `--config.file=${ALERT_RULES}blackbox.yml`,
        `--web.listen-address=127.0.0.1:${blackbox}`
      ],
      log: `${folder}/blackbox.log`,
      ready: `http://127.0.0.1:${blackbox}/-/healthy`
    })
  )

  const rules = parse(readFileSync(`${ALERT_RULES}recording_rules.yml`, 'utf8')) as {
    groups: Array<{ interval: string }>
  }
  for (const group of rules.groups) group.interval = '500ms'
  writeFileSync(`${folder}/rules.yml`, stringify(rules))
  const job = (name: string, target: string) => ({
    job_name: name,
    static_configs: [{ targets: [target.replace('http://', '')] }]
  })
  writeFileSync(
    `${folder}/prometheus.yml`,
    stringify({
      global: { scrape_interval: '300ms', scrape_timeout: '300ms' },
      rule_files: ['rules.yml'],
      scrape_configs: [
        ...[...Object.entries(targets), ...exporters].map(([name, target]) =>
          job(name === 'mongodb_exporter' ? 'guestbook-mongodb' : name, target)
        ),
        {
          ...job('blackbox', `127.0.0.1:${blackbox}`),
          metrics_path: '/probe',
          params: { module: ['page'], target: [pageUrl] },
          scrape_interval: '1s',
          scrape_timeout: '1s'
        }
      ]
    })
  )
  const url = `http://127.0.0.1:${port}`
  await start(
    new ServerProcess({
      command: 'prometheus',
      args: [
        `--config.file=${folder}/prometheus.yml`,
        `--storage.tsdb.path=${folder}/data`,
        `--web.listen-address=127.0.0.1:${port}`
      ],
      log: `${folder}/prometheus.log`,
      ready: `${url}/-/ready`
    })
  )
  return { query: async (expr: string): Promise<Sample[]> => await queryPrometheus(url, expr) }
}
