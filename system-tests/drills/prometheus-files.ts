/** The configuration of Prometheus in a drill. */
import { readFileSync, writeFileSync } from 'node:fs'
import { parse, stringify } from 'yaml'
import { ALERT_RULES } from '../../alert-rules/generator/provisioning.ts'
import { scaled, scaleQuery } from './scale.ts'

export const PORTS = [
  'mongod',
  'frontend',
  'frontendManagement',
  'backend',
  'backendManagement',
  'ingress',
  'blackbox',
  'mongodbExporter',
  'cluster',
  'prometheus'
] as const
export type Ports = Record<typeof PORTS[number], number>

/** 15 s in production. Probes and exporters are slower than the services. */
const SCRAPE_INTERVAL = scaled('15s')
const SLOW_SCRAPE = { scrape_interval: scaled('15s', 2), scrape_timeout: scaled('15s', 2) }
const DATABASE_SCRAPE = { scrape_interval: scaled('15s', 1), scrape_timeout: scaled('15s', 1) }

export function writePrometheusFiles (
  folder: string,
  ports: Ports,
  more: Record<string, unknown>
): void {
  writeFileSync(`${folder}/prometheus.yml`, stringify(configuration(ports, more)))
  writeFileSync(`${folder}/recording_rules.yml`, scaledRecordingRules())
}

function configuration (
  { frontendManagement, backendManagement, mongodbExporter, blackbox, ingress, cluster }: Ports,
  more: Record<string, unknown>
) {
  const job = (name: string, port: number) => ({
    job_name: name,
    static_configs: [{ targets: [`127.0.0.1:${port}`] }]
  })
  return {
    global: {
      scrape_interval: SCRAPE_INTERVAL,
      scrape_timeout: SCRAPE_INTERVAL,
      evaluation_interval: scaled('30s', 1)
    },
    rule_files: ['recording_rules.yml', 'alerts*.yml'],
    scrape_configs: [
      job('guestbook-frontend', frontendManagement),
      job('guestbook-backend', backendManagement),
      { ...job('guestbook-mongodb', mongodbExporter), ...DATABASE_SCRAPE },
      {
        ...job('blackbox', blackbox),
        metrics_path: '/probe',
        params: { module: ['page'], target: [`http://127.0.0.1:${ingress}/`] },
        ...SLOW_SCRAPE
      },
      job('kube-state-metrics', cluster)
    ],
    ...more
  }
}

function scaledRecordingRules (): string {
  const file = parse(readFileSync(`${ALERT_RULES}recording_rules.yml`, 'utf8')) as {
    groups: Array<{ interval: string; rules: Array<{ expr: string }> }>
  }
  for (const group of file.groups) {
    group.interval = scaled(group.interval, 1)
    for (const rule of group.rules) rule.expr = scaleQuery(rule.expr)
  }
  return stringify(file)
}
