import { expect, test } from '@jest/globals'
import { find, type Json } from './helm.ts'
import {
  BACKEND, FRONTEND, nameOf, plainEnv, secretEnv, type Service
} from './services.ts'
import { renderRow } from './variants.ts'

/** Each differs from its default. A template must not render the numbers as 1e+06. */
const SERVICE_VALUES = {
  logLevel: 'debug',
  trustProxy: '10.0.0.0/8, fd00::/8',
  trustProxyHops: 2,
  rateLimitPosts: 1_000_001,
  maxConnections: 1_000_002,
  maxReadsInFlight: 1_000_003,
  maxPostsInFlight: 1_000_004,
  maxBodyBytesBuffered: 1_073_741_824,
  maxBodyBytesPerClient: 1_073_741_823,
  maxEventLoopDelayMs: 1_000_005,
  shutdownDelayMs: 15_000,
  otlpEndpoint: 'http://tempo.monitoring:4318',
  'faultsToken.existingSecret.name': 'tokens',
  'faultsToken.existingSecret.key': 'faults',
  extraEnv: { OTEL_TRACES_SAMPLER_ARG: '0.1', NODE_OPTIONS: '--max-old-space-size=100' }
}
type Env = ReadonlyArray<{ name: string, value?: string }>
const byName = (env: Env) => Object.fromEntries(env.map(variable => [variable.name, variable]))
const PLAIN = plainEnv({
  LOG_LEVEL: 'debug',
  TRUST_PROXY: '10.0.0.0/8, fd00::/8',
  TRUST_PROXY_HOPS: '2',
  RATE_LIMIT_POSTS: '1000001',
  MAX_CONNECTIONS: '1000002',
  MAX_READS_IN_FLIGHT: '1000003',
  MAX_POSTS_IN_FLIGHT: '1000004',
  MAX_BODY_BYTES_BUFFERED: '1073741824',
  MAX_BODY_BYTES_PER_CLIENT: '1073741823',
  MAX_EVENT_LOOP_DELAY_MS: '1000005',
  SHUTDOWN_DELAY_MS: '15000',
  OTEL_EXPORTER_OTLP_ENDPOINT: 'http://tempo.monitoring:4318',
  NODE_OPTIONS: '--max-old-space-size=100',
  OTEL_TRACES_SAMPLER_ARG: '0.1'
})

/** Values, and the variables that they change or add. */
type Row = [values: Json, changed: Env]
const OF_BACKEND: Row[] = [
  [{}, []],
  [
    {
      ...SERVICE_VALUES,
      'mongodb.existingSecret.name': 'atlas',
      'mongodb.existingSecret.key': 'connection-string',
      'moderatorToken.existingSecret.name': 'tokens',
      'moderatorToken.existingSecret.key': 'moderator'
    },
    [
      ...PLAIN,
      secretEnv('MONGODB_URI', 'atlas', 'connection-string'),
      secretEnv('FAULTS_TOKEN', 'tokens', 'faults'),
      secretEnv('MODERATOR_TOKEN', 'tokens', 'moderator')
    ]
  ],
  [
    { 'moderatorToken.existingSecret.name': 'tokens' },
    [secretEnv('MODERATOR_TOKEN', 'tokens', 'moderator-token')]
  ],
  [
    { 'faultsToken.existingSecret.name': 'tokens' },
    [secretEnv('FAULTS_TOKEN', 'tokens', 'faults-token')]
  ]
]
const EMBEDDED: Row[] = [
  [
    { 'mongodb.enabled': false, 'mongodb.existingSecret.name': 'atlas' },
    plainEnv({ DATA_DIR: '/data' })
  ]
]
const OF_FRONTEND: Row[] = [
  [{}, []],
  [
    {
      ...SERVICE_VALUES,
      backendUrl: 'http://api:80/v1',
      publicOrigin: 'https://guestbook.example, http://[::1]:8080'
    },
    [
      ...PLAIN,
      ...plainEnv({
        BACKEND_URL: 'http://api:80/v1',
        PUBLIC_ORIGIN: 'https://guestbook.example, http://[::1]:8080'
      }),
      secretEnv('FAULTS_TOKEN', 'tokens', 'faults')
    ]
  ],
  [
    { 'faultsToken.existingSecret.name': 'tokens' },
    [secretEnv('FAULTS_TOKEN', 'tokens', 'faults-token')]
  ]
]

async function environment (service: Service, values: Json, table: Row[]): Promise<object> {
  const objects = await renderRow(service.chart, values, table)
  const { env } = find(objects, 'Deployment', nameOf(service)).spec.template.spec.containers[0]
  expect(new Set(env.map(({ name }: { name: string }) => name)).size).toBe(env.length)
  return byName(env)
}

test.each(OF_BACKEND)('with %j the backend has the environment %j', async (values, changed) => {
  expect(await environment(BACKEND, values, OF_BACKEND))
    .toEqual(byName([...BACKEND.env as Env, ...changed]))
})

test.each(EMBEDDED)('with %j the backend has no MongoDB, and %j', async (values, changed) => {
  const withoutMongodb = (BACKEND.env as Env).filter(({ name }) => name !== 'MONGODB_URI')
  expect(await environment(BACKEND, values, EMBEDDED))
    .toEqual(byName([...withoutMongodb, ...changed]))
})

test.each(OF_FRONTEND)('with %j the frontend has the environment %j', async (values, changed) => {
  expect(await environment(FRONTEND, values, OF_FRONTEND))
    .toEqual(byName([...FRONTEND.env as Env, ...changed]))
})
