import { spawnSync } from 'node:child_process'
import {
  chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { temporaryFolder } from '@guestbook/service-kit/testing'
import { parse } from 'yaml'

interface Service {
  image: string
  read_only: boolean
  cap_drop: string[]
  security_opt: string[]
  ports?: string[]
  configs?: Array<{ source: string, target: string }>
  secrets?: Array<string | { source: string }>
  environment?: Record<string, string>
  healthcheck?: { test: string[] }
  deploy: { resources: { limits: { memory: string } } }
}
interface Compose {
  services: Record<string, Service>
  configs: Record<string, { file: string }>
  secrets: Record<string, { file: string }>
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const compose = parse(read('compose.yaml'), { merge: true }) as Compose
const services = Object.entries(compose.services)
/** The file with strings in one line. */
const source = read('compose.yaml').replaceAll(/\\\n\s*/g, '')
const defaults = (text: string) =>
  new Map([...text.matchAll(/\$\{(\w+):-([^}]*)\}/g)].map(([, name, value]) => [name!, value!]))

test.each(services)(
  '%s has a memory limit, a read-only file system and no privileges',
  (_name, service) => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true']
    })
    expect(service.deploy.resources.limits.memory).toMatch(/^\d+[MG]$/)
  }
)

test('every service has a health check, unless its image has no program for it', () => {
  expect(services.filter(([, { healthcheck }]) => !healthcheck).map(([name]) => name)).toEqual([
    'blackbox',
    'mongodb-exporter'
  ])
})

test('ports are published on loopback only, each once', () => {
  const ports = services.flatMap(([, service]) => service.ports ?? [])
  expect(ports.filter(port => !/^127\.0\.0\.1:\$\{\w+_PORT:-\d+\}:\d+$/.test(port))).toEqual([])
  const published = [...defaults(ports.join('\n')).values()]
  expect(published).toEqual(['3001', '3000', '9090', '3003'])
})

test('images are replaceable, and third-party ones have the version of the catalog', () => {
  const images = [...new Set(services.map(([, { image }]) => image))]
  expect(images.filter(image => !/^\$\{\w+_IMAGE:-[\w./-]+:v?\d[\w.-]*\}$/.test(image))).toEqual([
    'guestbook-backend:${BACKEND_TAG:-compose}',
    'guestbook-frontend:${FRONTEND_TAG:-compose}'
  ])
  const catalog: Array<Record<string, string>> = JSON.parse(read('infra/components.json'))
  const pinned = catalog.map(({ source, version }) => `${source}:${version}`)
  const thirdParty = [...defaults(images.join('\n'))].filter(([name]) => name.endsWith('_IMAGE'))
  expect(thirdParty).toHaveLength(5)
  expect(thirdParty.filter(([, image]) => !pinned.includes(image))).toEqual([])
})

test('.env.example has every setting with its default', () => {
  const example = new Map(
    read('.env.example')
      .split('\n')
      .filter(line => /^\w+=/.test(line))
      .map(line => line.split(/=(.*)/s) as [string, string])
  )
  const used = defaults(source)
  expect([...example.keys()].sort()).toEqual([...used.keys()].sort())
  expect(
    [...used].filter(([name, value]) => example.get(name) !== value).map(([name]) => name)
  ).toEqual(['HEARTBEAT_URL']) // described there
})

test('Prometheus keeps metrics for the period of the objectives', () => {
  expect(defaults(source).get('PROMETHEUS_RETENTION')).toBe(
    parse(read('alert-rules/slo.yml')).retention
  )
})

test('every mounted file exists, and every secret is created', () => {
  expect(
    Object.values(compose.configs).filter(({ file }) => !existsSync(join(ROOT, file)))
  ).toEqual([])
  const { files } = makeSecrets(temporaryFolder())
  const wanted = [
    ...Object.values(compose.secrets).map(({ file }) => file),
    'compose/secrets/mongodb-exporter.env'
  ]
  expect(wanted.filter(file => !files.has(file.replace('compose/secrets/', '')))).toEqual([])
  const mounted = services.flatMap(([, { configs, secrets }]) =>
    [...(configs ?? []), ...(secrets ?? [])].map(use =>
      typeof use === 'string' ? use : use.source
    )
  )
  expect(new Set(mounted)).toEqual(
    new Set([...Object.keys(compose.configs), ...Object.keys(compose.secrets)])
  )
})

function makeSecrets (folder: string) {
  cpSync(join(ROOT, 'compose/make-secrets'), join(folder, 'make-secrets'))
  const { status, stdout, stderr } = spawnSync(join(folder, 'make-secrets'), { encoding: 'utf8' })
  expect([status, stderr]).toEqual([0, ''])
  const secrets = join(folder, 'secrets')
  return {
    secrets,
    stdout,
    files: new Map(
      readdirSync(secrets).map(name => [name, readFileSync(join(secrets, name), 'utf8')])
    )
  }
}

test('secrets are created once, never printed, and their folder is private', () => {
  const folder = temporaryFolder()
  const first = makeSecrets(folder)
  expect(statSync(first.secrets).mode & 0o777).toBe(0o700)
  for (const [name, content] of first.files) {
    if (content) expect([name, first.stdout.includes(content)]).toEqual([name, false])
  }
  chmodSync(join(first.secrets, 'pagerduty-integration-key'), 0o644)
  writeFileSync(join(first.secrets, 'pagerduty-integration-key'), 'a-key')
  const second = makeSecrets(folder)
  expect(second.stdout).toBe('')
  expect(second.files).toEqual(new Map([...first.files, ['pagerduty-integration-key', 'a-key']]))
})

describe("Grafana's start", () => {
  /** Runs the script with its absolute paths moved into a folder of the test. */
  function start (key: string) {
    const folder = temporaryFolder()
    const script = read('compose/grafana/start.sh').replaceAll(
      /\/(?=etc\/guestbook|run\/secrets|tmp\/provisioning|run\.sh)/g,
      `${folder}/`
    )
    for (const part of ['etc/guestbook', 'run/secrets']) {
      mkdirSync(join(folder, part), { recursive: true })
    }
    cpSync(join(ROOT, 'alert-rules'), join(folder, 'etc/guestbook/alert-rules'), {
      recursive: true
    })
    for (const file of ['datasources.yml', 'dashboards.yml']) {
      cpSync(join(ROOT, 'compose/grafana', file), join(folder, 'etc/guestbook', file))
    }
    writeFileSync(join(folder, 'run/secrets/pagerduty-integration-key'), key)
    writeFileSync(
      join(folder, 'run.sh'),
      '#!/bin/sh\necho "key: ${PAGERDUTY_INTEGRATION_KEY:-none}"\n',
      { mode: 0o755 }
    )
    const { stdout, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8' })
    return { stdout, stderr, alerting: readdirSync(join(folder, 'tmp/provisioning/alerting')) }
  }
  const rules = readdirSync(join(ROOT, 'alert-rules')).filter(name => name.endsWith('_alerts.yml'))

  test('pages through PagerDuty with a key', () => {
    const { stdout, stderr, alerting } = start('0123')
    expect([stdout, stderr]).toEqual(['key: 0123\n', ''])
    expect(alerting).toEqual([...rules, 'notifications.yml'].sort())
  })

  test('warns without a key that alerts page no one', () => {
    const { stdout, stderr, alerting } = start('')
    expect(stdout).toBe('key: none\n')
    expect(stderr).toContain('WARNING: compose/secrets/pagerduty-integration-key is empty')
    expect(alerting).toEqual([...rules, 'notifications_without_pagerduty.yml'].sort())
  })

  test('has every variable of the notifications', () => {
    const named = [
      ...read('alert-rules/notifications.yml')
        .replaceAll(/#.*/g, '')
        .matchAll(/\$([A-Z_]+)/g)
    ].map(([, name]) => name!)
    const given = [
      ...Object.keys(compose.services.grafana!.environment!),
      'PAGERDUTY_INTEGRATION_KEY'
    ]
    expect(named.filter(name => !given.includes(name))).toEqual([])
  })
})
