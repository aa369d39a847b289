import { expect, test } from '@jest/globals'
import { nested, ofKind, one, render, SERVICES, versionOf, type Json } from './helm.ts'

const withValues = async (chart: string, values: Json = {}) =>
  await render(chart, { values: nested(values) })
const envOf = async (chart: string, values: Json = {}) => {
  const env = one(await withValues(chart, values), 'Deployment').spec.template.spec.containers[0]
    .env as Array<{ name: string; value?: string; valueFrom?: object }>
  return Object.fromEntries(env.map(({ name, value, valueFrom }) => [name, value ?? valueFrom]))
}
const secret = (name: string, key: string) => ({ secretKeyRef: { name, key } })

test.each([
  ['guestbook-backend', ['Deployment', 'NetworkPolicy', 'Service', 'Service', 'ServiceAccount']],
  [
    'guestbook-frontend',
    [
      'Deployment',
      'Ingress',
      'Ingress',
      'NetworkPolicy',
      'NetworkPolicy',
      'Pod',
      'Service',
      'Service',
      'ServiceAccount'
    ]
  ]
])(
  '%s installs no more than it must: what costs or needs something else is off',
  async (chart, kinds) => {
    expect((await withValues(chart)).map(({ kind }) => kind).sort()).toEqual(kinds)
  }
)

test.each(SERVICES)('a disruption budget of %s exists only with more than one pod', async chart => {
  expect(ofKind(await withValues(chart), 'PodDisruptionBudget')).toEqual([])
  for (const values of [{ replicas: 2 }, { 'autoscaling.enabled': true }]) {
    const objects = await withValues(chart, values)
    expect(one(objects, 'PodDisruptionBudget').spec).toEqual({
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
      selector: one(objects, 'Deployment').spec.selector
    })
  }
})

test.each(SERVICES)(
  'the number of pods of %s belongs to the autoscaler while there is one',
  async chart => {
    expect(one(await withValues(chart, { replicas: 3 }), 'Deployment').spec).toMatchObject({
      replicas: 3
    })

    const objects = await withValues(chart, { replicas: 3, 'autoscaling.enabled': true })
    expect(one(objects, 'Deployment').spec).not.toHaveProperty('replicas')
    expect(one(objects, 'HorizontalPodAutoscaler').spec).toEqual({
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: chart },
      minReplicas: 2,
      maxReplicas: 5,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } }
        }
      ]
    })
  }
)

test.each(SERVICES)(
  'a ServiceMonitor of %s reads the management port of its own pods',
  async chart => {
    const objects = await withValues(chart, {
      'serviceMonitor.enabled': true,
      'serviceMonitor.labels': { release: 'prometheus' }
    })
    const { metadata, spec } = one(objects, 'ServiceMonitor')
    const services = objects.filter(
      ({ kind, metadata }) =>
        kind === 'Service' &&
        Object.entries(spec.selector.matchLabels).every(
          ([name, value]) => metadata.labels[name] === value
        )
    )

    expect(metadata.labels).toMatchObject({ release: 'prometheus' })
    expect(spec).toMatchObject({
      jobLabel: 'app.kubernetes.io/name',
      endpoints: [{ port: 'management', path: '/metrics', interval: '10s' }]
    })
    expect(services.map(({ metadata }) => metadata.name)).toEqual([`${chart}-management`])
  }
)

test.each([
  ['guestbook-frontend', {}, ['localhost', 'frontend.localhost']],
  ['guestbook-frontend', { 'ingress.enabled': false }, []],
  ['guestbook-backend', {}, []],
  ['guestbook-backend', { 'ingress.enabled': true }, ['api.localhost']]
])(
  '%s with %j has an Ingress for each of %j, with one host and standard fields only',
  async (chart, values, hosts) => {
    const ingresses = ofKind(await withValues(chart, values), 'Ingress')

    expect(ingresses.map(({ spec }) => spec)).toEqual(
      hosts.map(host => ({
        ingressClassName: 'nginx',
        rules: [
          {
            host,
            http: {
              paths: [
                {
                  path: '/',
                  pathType: 'Prefix',
                  backend: { service: { name: chart, port: { name: 'http' } } }
                }
              ]
            }
          }
        ]
      }))
    )
    for (const { metadata } of ingresses) expect(metadata).not.toHaveProperty('annotations')
  }
)

test('a host with a certificate is served over TLS, one without is not', async () => {
  const values = {
    'ingress.hosts': ['a.example', '*.b.example'],
    'ingress.tlsSecrets': { 'a.example': 'a-tls' },
    'ingress.annotations': { 'cert-manager.io/issuer': 'ca' }
  }
  const [a, b] = ofKind(await withValues('guestbook-frontend', values), 'Ingress')

  expect(a?.spec.tls).toEqual([{ hosts: ['a.example'], secretName: 'a-tls' }])
  expect(a?.metadata).toMatchObject({
    name: 'guestbook-frontend-a-example',
    annotations: { 'cert-manager.io/issuer': 'ca' }
  })
  expect(b?.spec).not.toHaveProperty('tls')
  expect(b?.metadata.name).toBe('guestbook-frontend-any-b-example')
})

test('the pages can be exposed on a port of every node', async () => {
  const service = async (values = {}) =>
    one(await withValues('guestbook-frontend', values), 'Service').spec
  expect(await service()).toMatchObject({ type: 'ClusterIP' })
  expect(await service({ 'service.type': 'NodePort' })).toMatchObject({
    type: 'NodePort',
    ports: [{ port: 3000, nodePort: 30002 }]
  })
})

test.each(SERVICES)('an image of %s is named by tag, or by digest', async chart => {
  const image = async (values: Json = {}) =>
    one(await withValues(chart, values), 'Deployment').spec.template.spec.containers[0].image
  const digest = `sha256:${'a'.repeat(64)}`

  expect(await image()).toBe(`${chart}:${versionOf(chart)}`)
  expect(await image({ 'image.repository': 'registry.example:5000/x', 'image.tag': 'abc' })).toBe(
    'registry.example:5000/x:abc'
  )
  expect(await image({ 'image.tag': 'abc', 'image.digest': digest })).toBe(`${chart}@${digest}`)
})

test('settings reach the frontend under its own names', async () => {
  expect(await envOf('guestbook-frontend')).toEqual({
    BACKEND_URL: 'http://guestbook-backend:3001',
    LOG_LEVEL: 'info',
    TRUST_PROXY: 'uniquelocal,100.64.0.0/10',
    TRUST_PROXY_HOPS: '1',
    RATE_LIMIT_POSTS: '100',
    MAX_READS_IN_FLIGHT: '1000',
    MAX_POSTS_IN_FLIGHT: '200',
    MAX_BODY_BYTES_BUFFERED: '8388608',
    MAX_BODY_BYTES_PER_CLIENT: '4194304',
    MAX_CONNECTIONS: '5000',
    MAX_EVENT_LOOP_DELAY_MS: '1000',
    SHUTDOWN_DELAY_MS: '5000'
  })
  expect(
    await envOf('guestbook-frontend', {
      rateLimitPosts: 1_000_000,
      otlpEndpoint: 'http://tempo:4318',
      'faultsToken.existingSecret.name': 'tokens',
      extraEnv: { OTEL_TRACES_SAMPLER_ARG: '0.1' }
    })
  ).toMatchObject({
    RATE_LIMIT_POSTS: '1000000',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://tempo:4318',
    FAULTS_TOKEN: secret('tokens', 'faults-token'),
    OTEL_TRACES_SAMPLER_ARG: '0.1'
  })
})

test('the backend takes its secrets from Secrets', async () => {
  expect(await envOf('guestbook-backend')).toMatchObject({
    MONGODB_URI: secret('guestbook-mongodb', 'uri')
  })
  expect(
    await envOf('guestbook-backend', { 'moderatorToken.existingSecret.name': 'tokens' })
  ).toMatchObject({ MODERATOR_TOKEN: secret('tokens', 'moderator-token') })
  expect(await envOf('guestbook-backend')).not.toHaveProperty('MODERATOR_TOKEN')
  expect(await envOf('guestbook-backend')).not.toHaveProperty('FAULTS_TOKEN')
})
