import { expect, test } from '@jest/globals'
import {
  INSTALLATIONS,
  nested,
  ofKind,
  one,
  render,
  SERVICES,
  versionOf,
  type KubeObject,
  CHARTS
} from './helm.ts'
import { ALL_FEATURES } from './value-overrides/index.ts'
import { podOf } from './pod-security.ts'

const PORTS: Record<string, object> = {
  'guestbook-backend': [
    { name: 'http', containerPort: 3001 },
    { name: 'management', containerPort: 9301 }
  ],
  'guestbook-frontend': [
    { name: 'http', containerPort: 3000 },
    { name: 'management', containerPort: 9300 }
  ]
}

const deployment = async (chart: string, values = {}) =>
  one(await render(chart, { values: nested(values) }), 'Deployment')
const containerOf = ({ spec }: KubeObject) => spec.template.spec.containers[0]

test.each(SERVICES)(
  '%s is probed on its management port, and only readiness asks for its dependencies',
  async chart => {
    const { ports, startupProbe, livenessProbe, readinessProbe } = containerOf(
      await deployment(chart)
    )

    expect(ports).toEqual(PORTS[chart])
    expect(startupProbe.httpGet).toEqual({ path: '/health', port: 'management' })
    expect(livenessProbe.httpGet).toEqual({ path: '/health', port: 'management' })
    expect(readinessProbe.httpGet).toEqual({ path: '/ready', port: 'management' })
  }
)

test.each(SERVICES)('an update of %s takes no pod away before the next is ready', async chart => {
  const { spec } = await deployment(chart)
  expect(spec.strategy).toEqual({
    type: 'RollingUpdate',
    rollingUpdate: { maxUnavailable: 0, maxSurge: 1 }
  })
})

test.each(SERVICES)(
  'a pod of %s outlives its drain and the 15 s for requests in flight',
  async chart => {
    const { spec } = await deployment(chart, {
      shutdownDelayMs: 60_000,
      terminationGracePeriodSeconds: 75
    })
    expect(spec.template.spec.terminationGracePeriodSeconds).toBe(75)
    expect((await deployment(chart)).spec.template.spec.terminationGracePeriodSeconds).toBe(30)
  }
)

test.each(SERVICES)('no pod of %s gets a token for the Kubernetes API', async chart => {
  const objects = await render(chart)
  expect(one(objects, 'ServiceAccount')).toMatchObject({ automountServiceAccountToken: false })
  for (const pod of objects.flatMap(object => podOf(object) ?? [])) {
    expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false })
  }
})

test.each(SERVICES)('a selector of %s never changes, whatever else does', async chart => {
  const before = await deployment(chart)
  const after = await deployment(chart, {
    'image.tag': '9.9.9',
    commonLabels: { team: 'guests' },
    fullnameOverride: 'other',
    podAnnotations: { note: 'text' }
  })

  expect(before.spec.selector).toEqual({
    matchLabels: { 'app.kubernetes.io/name': chart, 'app.kubernetes.io/instance': chart }
  })
  expect(after.spec.selector).toEqual(before.spec.selector)
  expect(after.spec.template.metadata.labels).toMatchObject(before.spec.selector.matchLabels)
})

test.each(SERVICES)(
  'a changed setting of %s restarts its pods, a new version of the chart alone does not',
  async chart => {
    const before = await deployment(chart)
    const after = await deployment(chart, { rateLimitPosts: 7 })

    expect(after.spec.template).not.toEqual(before.spec.template)
    expect(JSON.stringify(before.spec.template.metadata)).not.toMatch(/version|helm\.sh/)
  }
)

test.each(SERVICES)('pods of %s are spread over nodes, each version by itself', async chart => {
  const { spec } = await deployment(chart)
  expect(spec.template.spec.topologySpreadConstraints).toEqual([
    {
      topologyKey: 'kubernetes.io/hostname',
      maxSkew: 1,
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: spec.selector,
      matchLabelKeys: ['pod-template-hash']
    }
  ])
})

test.each(CHARTS)(
  'pods of %s prefer zones with fewer of them where there are zones, whatever else they prefer',
  async chart => {
    const nodeAffinity = {
      preferredDuringSchedulingIgnoredDuringExecution: [
        {
          weight: 1,
          preference: { matchExpressions: [{ key: 'disk', operator: 'In', values: ['fast'] }] }
        }
      ]
    }
    const objects = await render(chart, { values: { affinity: { nodeAffinity } } })
    const { spec } = objects.find(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet')!

    expect(spec.template.spec.affinity).toEqual({
      nodeAffinity,
      podAntiAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 100,
            podAffinityTerm: {
              topologyKey: 'topology.kubernetes.io/zone',
              labelSelector: spec.selector
            }
          }
        ]
      }
    })
  }
)

test.each(SERVICES)(
  'visitors of %s are never sent to its management port, nor to a pod of a test',
  async chart => {
    const objects = await render(chart)
    const { spec } = one(objects, 'Service')
    const management = objects.find(
      ({ kind, metadata }) => kind === 'Service' && metadata.name === `${chart}-management`
    )

    expect(spec.ports).toEqual([
      { name: 'http', port: Number(chart.endsWith('frontend') ? 3000 : 3001), targetPort: 'http' }
    ])
    expect(management?.spec).toMatchObject({ clusterIP: 'None', ports: [{ name: 'management' }] })
    for (const { metadata } of objects.filter(({ kind }) => kind === 'Pod')) {
      expect(metadata.labels['app.kubernetes.io/name']).not.toBe(
        spec.selector['app.kubernetes.io/name']
      )
    }
  }
)

test.each(CHARTS)(
  'names of %s stay within 63 characters and apart for the longest release names',
  async chart => {
    const values = nested(ALL_FEATURES[chart] ?? {})
    for (const name of ['r'.repeat(53), `${'r'.repeat(53 - chart.length - 1)}-${chart}`]) {
      const objects = await render(chart, { name, values })
      const names = objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`)
      expect(objects.filter(({ metadata }) => metadata.name.length > 63)).toEqual([])
      expect(new Set(names).size).toBe(names.length)
    }
  }
)

test.each(INSTALLATIONS)('every object of %s (%s) says to what it belongs', async (chart, ci) => {
  for (const { metadata } of await render(chart, {
    ci,
    values: { commonLabels: { team: 'guests' } }
  })) {
    expect(metadata.labels).toMatchObject({
      'app.kubernetes.io/instance': chart,
      'app.kubernetes.io/managed-by': 'Helm',
      'helm.sh/chart': `${chart}-${versionOf(chart)}`
    })
    if (!metadata.name.endsWith('-test')) {
      expect(metadata.labels).toMatchObject({ team: 'guests' })
    }
  }
})

test.each(SERVICES)(
  'a release called like %s gives its name to all objects, so that the charts find each other',
  async chart => {
    const objects = await render(chart)
    expect(ofKind(objects, 'Service').map(({ metadata }) => metadata.name)).toEqual([chart])
    expect(
      (await render(chart, { name: 'guestbook' })).map(({ metadata }) => metadata.name)
    ).toContain(`guestbook-${chart}`)
  }
)
