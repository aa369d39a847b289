import { expect, test } from '@jest/globals'
import { find, type Json } from './helm.ts'
import {
  BACKEND, FRONTEND, nameOf, plainEnv, secretEnv, type Service
} from './services.ts'
import { renderRow } from './variants.ts'

/** Each value another than by default, and numbers that a template may not write as 1e+06. */
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
const PROXIES = {
  LOG_LEVEL: 'debug', TRUST_PROXY: '10.0.0.0/8, fd00::/8', TRUST_PROXY_HOPS: '2'
}
const LIMITS = {
  RATE_LIMIT_POSTS: '1000001',
  MAX_CONNECTIONS: '1000002',
  MAX_READS_IN_FLIGHT: '1000003',
  MAX_POSTS_IN_FLIGHT: '1000004',
  MAX_BODY_BYTES_BUFFERED: '1073741824',
  MAX_BODY_BYTES_PER_CLIENT: '1073741823',
  MAX_EVENT_LOOP_DELAY_MS: '1000005',
  SHUTDOWN_DELAY_MS: '15000'
}
const TRACES = plainEnv({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://tempo.monitoring:4318' })
const FAULTS = secretEnv('FAULTS_TOKEN', 'tokens', 'faults')
const EXTRA = plainEnv({
  NODE_OPTIONS: '--max-old-space-size=100', OTEL_TRACES_SAMPLER_ARG: '0.1'
})
const withoutStore = BACKEND.env.slice(0, -1)
const MONGODB = BACKEND.env.at(-1)!

type Row = [values: Json, env: readonly object[]]
const OF_BACKEND: Row[] = [
  [{}, BACKEND.env],
  [
    {
      ...SERVICE_VALUES,
      'mongodb.existingSecret.name': 'atlas',
      'mongodb.existingSecret.key': 'connection-string',
      'moderatorToken.existingSecret.name': 'tokens',
      'moderatorToken.existingSecret.key': 'moderator'
    },
    [
      ...plainEnv({ ...PROXIES, ...LIMITS }),
      secretEnv('MONGODB_URI', 'atlas', 'connection-string'),
      ...TRACES, FAULTS, secretEnv('MODERATOR_TOKEN', 'tokens', 'moderator'), ...EXTRA
    ]
  ],
  [
    { 'moderatorToken.existingSecret.name': 'tokens' },
    [...withoutStore, MONGODB, secretEnv('MODERATOR_TOKEN', 'tokens', 'moderator-token')]
  ],
  [
    { 'faultsToken.existingSecret.name': 'tokens' },
    [...withoutStore, MONGODB, secretEnv('FAULTS_TOKEN', 'tokens', 'faults-token')]
  ],
  [
    { 'mongodb.enabled': false, 'mongodb.existingSecret.name': 'atlas' },
    [...withoutStore, ...plainEnv({ DATA_DIR: '/data' })]
  ]
]
const OF_FRONTEND: Row[] = [
  [{}, FRONTEND.env],
  [
    {
      ...SERVICE_VALUES,
      backendUrl: 'http://api:80/v1',
      publicOrigin: 'https://guestbook.example, http://[::1]:8080'
    },
    [
      ...plainEnv({
        BACKEND_URL: 'http://api:80/v1',
        ...PROXIES,
        PUBLIC_ORIGIN: 'https://guestbook.example, http://[::1]:8080',
        ...LIMITS
      }),
      ...TRACES, FAULTS, ...EXTRA
    ]
  ],
  [
    { 'faultsToken.existingSecret.name': 'tokens' },
    [...FRONTEND.env, secretEnv('FAULTS_TOKEN', 'tokens', 'faults-token')]
  ]
]
const environment = async (service: Service, values: Json, table: Row[]) => {
  const objects = await renderRow(service.chart, values, table)
  const { spec } = find(objects, 'Deployment', nameOf(service))
  return spec.template.spec.containers[0].env
}

test.each(OF_BACKEND)('with %j these are the settings of the backend', async (values, env) => {
  expect(await environment(BACKEND, values, OF_BACKEND)).toEqual(env)
})

test.each(OF_FRONTEND)('with %j these are the settings of the frontend', async (values, env) => {
  expect(await environment(FRONTEND, values, OF_FRONTEND)).toEqual(env)
})
