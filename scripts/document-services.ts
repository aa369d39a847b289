/** Writes the pages of docs/reference that follow from the services: settings, API and metrics. */
import { createService, loadConfig, type Service } from '@guestbook/service-kit'
import type { Setting, Settings } from '@guestbook/service-kit/config'
import { buildApp as buildBackend } from '../services/backend/src/app.ts'
import { ConfigSchema as BackendSettings } from '../services/backend/src/config.ts'
import type { MessageStore } from '../services/backend/src/store/message-store.ts'
import openapi from '../services/backend/openapi.json' with { type: 'json' }
import { buildApp as buildFrontend } from '../services/frontend/src/app.ts'
import { ConfigSchema as FrontendSettings } from '../services/frontend/src/config.ts'
import { generate, table, withGenerated } from './generated.ts'

const code = (text: string) => `\`${text}\``

function settingRow ([name, setting]: [string, Setting]): string[] {
  const { minimum, maximum, minLength } = setting
  const range =
    minimum !== undefined
      ? `, ${minimum} to ${maximum ?? 'any'}`
      : minLength && minLength > 1
        ? `, at least ${minLength} characters`
        : ''
  const fallback = setting.default === undefined ? 'unset' : setting.default === '' ? 'empty' : ''
  const file = setting.secret ? ` Also as ${code(`${name}_FILE`)}.` : ''
  return [
    code(name),
    setting.enum ? setting.enum.join(', ') : `${setting.type}${range}`,
    fallback || code(String(setting.default)),
    setting.chart ? code(setting.chart.value) : '',
    `${setting.description}${file}`
  ]
}

const settings = (title: string, declared: Settings) =>
  `## ${title}\n\n` +
  table(
    ['variable', 'type', 'default', 'chart value', 'meaning'],
    Object.entries(declared).map(settingRow)
  )

function operations (): string {
  const rows = Object.entries(openapi.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { summary, parameters = [], responses }]) => [
      code(`${method.toUpperCase()} ${path}`),
      summary,
      parameters.map(({ name }: { name: string }) => code(name)).join(', '),
      Object.keys(responses).join(', ')
    ]))
  return table(['operation', 'purpose', 'parameters', 'answers'], rows)
}

interface Metric { name: string, help: string, labelNames: string[] }

/** The service's own metrics; those of prom-client are documented there. */
function metricsOf ({ metrics }: Service): Metric[] {
  return (metrics.registry.getMetricsAsArray() as unknown as Metric[])
    .filter(({ name }) => /^(guestbook|http)_|^process_uptime|^process_uncaught/.test(name))
}

async function metrics (): Promise<string> {
  const backendConfig = loadConfig(BackendSettings, { LOG_LEVEL: 'fatal' })
  const frontendConfig = loadConfig(FrontendSettings, { LOG_LEVEL: 'fatal' })
  const backend = createService('backend', backendConfig)
  const frontend = createService('frontend', frontendConfig)
  const store = { close: async () => {} } as MessageStore
  const apps = [
    await buildBackend(backendConfig, { service: backend, store }),
    await buildFrontend(frontendConfig, { service: frontend })
  ]
  await Promise.all(apps.map(async app => { await app.close() }))
  const exported = [frontend, backend].flatMap(service =>
    metricsOf(service).map(metric => ({ ...metric, service: service.name })))
  const rows = Object.values(Object.groupBy(exported, ({ name }) => name)).map(same => {
    const { name, labelNames, help } = same![0]!
    const services = same!.length > 1 ? 'both' : same![0]!.service
    return [code(name), services, labelNames.join(', '), help]
  })
  return table(['metric', 'service', 'labels', 'meaning'], rows.sort())
}

const page = (name: string, text: string, source: string) => {
  const file = `docs/reference/${name}.md`
  return [file, withGenerated(file, source, 'settings', text)]
}
const SOURCE = 'services/*/src'
generate(Object.fromEntries([
  page(
    'settings',
    `${settings('Frontend', FrontendSettings)}\n\n${settings('Backend', BackendSettings)}`,
    `${SOURCE}/config.ts`
  ),
  page('api', operations(), 'services/backend/openapi.json'),
  page('metrics', await metrics(), SOURCE)
]), 'settings')
