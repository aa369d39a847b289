import { expect, test } from '@jest/globals'
import {
  INSTALLATIONS,
  nested,
  one,
  render,
  SERVICES,
  versionOf,
  CHARTS
} from './helm.ts'
import { ALL_FEATURES } from './value-overrides/index.ts'

const deployment = async (chart: string, values = {}) =>
  one(await render(chart, { values: nested(values) }), 'Deployment')
test.each(SERVICES)('values do not change the selector of %s', async chart => {
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
  'a changed setting of %s restarts its pods, a new chart version does not',
  async chart => {
    const before = await deployment(chart)
    const after = await deployment(chart, { rateLimitPosts: 7 })

    expect(after.spec.template).not.toEqual(before.spec.template)
    expect(JSON.stringify(before.spec.template.metadata)).not.toMatch(/version|helm\.sh/)
  }
)

test.each(CHARTS)(
  'pods of %s prefer zones with fewer of them, also with other affinities',
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

test.each(CHARTS)(
  'names of %s are distinct and at most 63 characters long for the longest release names',
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

test.each(INSTALLATIONS)('every object of %s (%s) has the common labels', async (chart, ci) => {
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
