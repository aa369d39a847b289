import { expect, test } from '@jest/globals'
import { find, type Json } from './helm.ts'
import {
  BACKEND, deploymentOf, FRONTEND, metadata, nameOf, selectorLabels, type Service
} from './services.ts'
import { renderRow } from './variants.ts'

const BOTH = [BACKEND, FRONTEND]
const budget = (service: Service, maxUnavailable: unknown) => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: metadata(service),
  spec: {
    maxUnavailable,
    unhealthyPodEvictionPolicy: 'AlwaysAllow',
    selector: { matchLabels: selectorLabels(service) }
  }
})
const scaler = (service: Service, min: number, max: number, cpu: number) => ({
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: metadata(service),
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: nameOf(service) },
    minReplicas: min,
    maxReplicas: max,
    metrics: [{
      type: 'Resource',
      resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: cpu } }
    }]
  }
})
/** Values, replicas of the Deployment, and other objects about scaling. */
type Scale = [values: Json, replicas: number | undefined, others: (service: Service) => object[]]
const SCALES: Scale[] = [
  [{ replicas: 0 }, 0, () => []],
  [{}, 1, () => []],
  [{ replicas: 2 }, 2, service => [budget(service, 1)]],
  [
    { replicas: 3, 'podDisruptionBudget.maxUnavailable': '50%' },
    3, service => [budget(service, '50%')]
  ],
  [
    { 'autoscaling.enabled': true },
    undefined, service => [scaler(service, 2, 5, 70), budget(service, 1)]
  ],
  [
    {
      replicas: 3,
      'autoscaling.enabled': true,
      'autoscaling.minReplicas': 4,
      'autoscaling.maxReplicas': 9,
      'autoscaling.targetCPUUtilizationPercentage': 50
    },
    undefined, service => [scaler(service, 4, 9, 50), budget(service, 1)]
  ]
]
const SCALED = SCALES.flatMap(([values, replicas, expected]) => BOTH.map(
  service => [service.chart, values, replicas, expected(service), service] as const
))

test.each(SCALED)('%s with %j has %j replicas, and a disruption budget for more than one', async (
  _chart, values, replicas, expected, service
) => {
  const objects = await renderRow(service.chart, values, SCALES)
  const { spec } = find(objects, 'Deployment', nameOf(service))
  expect(spec).toEqual({ ...deploymentOf(service).spec, replicas })
  expect('replicas' in spec).toBe(replicas !== undefined)
  const kinds = ['HorizontalPodAutoscaler', 'PodDisruptionBudget']
  const found = objects.filter(({ kind }) => kinds.includes(kind))
  expect(found.sort((a, b) => a.kind.localeCompare(b.kind))).toEqual(expected)
})
