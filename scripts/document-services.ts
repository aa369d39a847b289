/** Writes the pages of docs/reference that follow from the services: settings, API and metrics. */
import { createService, loadConfig, type App, type Service } from '@guestbook/service-kit'
import { ServiceSettings, type Setting, type Settings } from '@guestbook/service-kit/config'
import openapi from '../services/backend/openapi.json' with { type: 'json' }
import { generate, table, withGenerated } from './generated.ts'
import { SETTINGS } from './settings.ts'

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

const settings = ([name, declared]: [string, Settings]) =>
  `## ${name[0]!.toUpperCase()}${name.slice(1)}\n\n` +
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

/** The service's own metrics; prom-client documents its default ones. */
async function metricsOf (name: string, declared: Settings) {
  const config = loadConfig({ ...ServiceSettings, ...declared }, { LOG_LEVEL: 'fatal' })
  const service: Service = createService(name, config)
  const { buildApp } = await import(`../services/${name}/src/app.ts`)
  const app: App = await buildApp(config, { service, store: { close: async () => {} } })
  await app.close()
  return (service.metrics.registry.getMetricsAsArray() as unknown as Metric[])
    .filter(({ name }) => /^(guestbook|http)_|^process_uptime|^process_uncaught/.test(name))
    .map(metric => ({ ...metric, service: name }))
}

async function metrics (): Promise<string> {
  const services = Object.entries(SETTINGS)
  const exported = await Promise.all(services.map(async service => await metricsOf(...service)))
  const byName = Object.groupBy(exported.flat(), ({ name }) => name)
  const rows = Object.values(byName).map(same => {
    const { name, labelNames, help, service } = same![0]!
    const by = same!.length === services.length ? 'all' : service
    return [code(name), by, labelNames.join(', '), help]
  })
  return table(['metric', 'service', 'labels', 'meaning'], rows.sort())
}

const page = (name: string, text: string, source: string) => {
  const file = `docs/reference/${name}.md`
  return [file, withGenerated(file, source, 'settings', text)]
}
const SOURCE = 'services/*/src'
generate(Object.fromEntries([
  page('settings', Object.entries(SETTINGS).map(settings).join('\n\n'), `${SOURCE}/config.ts`),
  page('api', operations(), 'services/backend/openapi.json'),
  page('metrics', await metrics(), SOURCE)
]), 'settings')
