import { expect, test } from '@jest/globals'
import { ConfigSchema as backend } from '../../services/backend/src/config.ts'
import { ConfigSchema as frontend } from '../../services/frontend/src/config.ts'
import { loadConfig, type Settings } from '@guestbook/service-kit/config'
import { nested, one, render } from './helm.ts'
import { EVERYTHING } from './knobs/index.ts'

/** Given by the image, or by the ports the chart fixes. */
const OF_THE_IMAGE = ['HOST', 'PORT', 'MANAGEMENT_PORT', 'VERSION', 'REVISION']
const SECRETS: Record<string, string> = {
  MONGODB_URI: 'mongodb://localhost/guestbook',
  MODERATOR_TOKEN: 'm'.repeat(16),
  FAULTS_TOKEN: 'f'.repeat(16)
}

async function envOf (chart: string, values = {}): Promise<Record<string, string>> {
  const { env } = one(await render(chart, { values: nested(values) }), 'Deployment').spec.template
    .spec.containers[0]
  return Object.fromEntries(
    (env as Array<{ name: string; value?: string }>).map(({ name, value }) => [
      name,
      value ?? SECRETS[name] ?? ''
    ])
  )
}

test.each([
  ['guestbook-backend', backend, [EVERYTHING['guestbook-backend'], { 'mongodb.enabled': false }]],
  ['guestbook-frontend', frontend, [EVERYTHING['guestbook-frontend']]]
])('every setting of %s can be set by a value', async (chart, settings, variants) => {
  const names = (
    await Promise.all(variants.map(async values => Object.keys(await envOf(chart, values))))
  ).flat()
  expect(
    Object.keys(settings).filter(name => !names.includes(name) && !OF_THE_IMAGE.includes(name))
  ).toEqual([])
  expect(names.filter(name => !name.startsWith('OTEL_') && !(name in settings))).toEqual([])
})

test.each([
  ['guestbook-backend', backend as Settings],
  ['guestbook-frontend', frontend as Settings]
])('%s accepts what its chart gives it', async (chart, settings) => {
  for (const values of [
    {},
    EVERYTHING[chart],
    { trustProxy: 'loopback, 10.0.0.0/8,fd00::/8', shutdownDelayMs: 0, rateLimitPosts: 1_000_000 }
  ]) {
    const env = await envOf(chart, values)
    expect(() => loadConfig(settings, env)).not.toThrow()
  }
})
