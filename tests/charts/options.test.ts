import { expect, test } from '@jest/globals'
import { nested, ofKind, one, render, SERVICES, versionOf, type Json } from './helm.ts'

const withValues = async (chart: string, values: Json = {}) =>
  await render(chart, { values: nested(values) })

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
