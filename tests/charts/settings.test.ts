import { expect, test } from '@jest/globals'
import { loadConfig } from '@guestbook/service-kit/config'
import { SETTINGS } from '../../scripts/settings.ts'
import { nested, one, render, type Json } from './helm.ts'
import { ALL_FEATURES } from './value-overrides/index.ts'

/** The image sets these, and the chart's ports are fixed. */
const SET_BY_IMAGE = ['HOST', 'PORT', 'MANAGEMENT_PORT', 'VERSION', 'REVISION']
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

const VARIANTS: Record<string, Json[]> = {
  backend: [ALL_FEATURES['guestbook-backend']!, { 'mongodb.enabled': false }],
  frontend: [ALL_FEATURES['guestbook-frontend']!]
}

test.each(Object.keys(SETTINGS))('a value sets each setting of the %s', async service => {
  const settings = SETTINGS[service]!
  const environments = await Promise.all(
    VARIANTS[service]!.map(async values => await envOf(`guestbook-${service}`, values))
  )
  const names = environments.flatMap(env => Object.keys(env))
  expect(
    Object.keys(settings).filter(name => !names.includes(name) && !SET_BY_IMAGE.includes(name))
  ).toEqual([])
  expect(names.filter(name => !name.startsWith('OTEL_') && !(name in settings))).toEqual([])
})

test.each(Object.keys(SETTINGS))('the %s accepts the environment of its chart', async service => {
  for (const values of [
    {},
    ALL_FEATURES[`guestbook-${service}`],
    { trustProxy: 'loopback, 10.0.0.0/8,fd00::/8', shutdownDelayMs: 0, rateLimitPosts: 1_000_000 }
  ]) {
    const env = await envOf(`guestbook-${service}`, values)
    expect(() => loadConfig(SETTINGS[service]!, env)).not.toThrow()
  }
})
