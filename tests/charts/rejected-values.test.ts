import { expect, test } from '@jest/globals'
import { nested, SERVICES, template, type Json } from './helm.ts'
import { renderTexts } from './variants.ts'

// Combinations of values. values-schema.test.ts covers single values.

/** Values that contradict each other, and the error. */
type Rejected = readonly [values: Json, message: string]

const service: Rejected[] = [
  [{ terminationGracePeriodSeconds: 19 },
    'terminationGracePeriodSeconds is 19. shutdownDelayMs 5000 needs at least 20'],
  [{ shutdownDelayMs: 15_001 },
    'terminationGracePeriodSeconds is 30. shutdownDelayMs 15001 needs at least 31'],
  [{ shutdownDelayMs: 1, terminationGracePeriodSeconds: 15 },
    'terminationGracePeriodSeconds is 15. shutdownDelayMs 1 needs at least 16'],
  [{ 'autoscaling.minReplicas': 6 },
    'autoscaling.minReplicas (6) is greater than autoscaling.maxReplicas (5).'],
  [{ 'ingress.tlsSecrets': { 'elsewhere.example': 'tls' } },
    'ingress.tlsSecrets names the host elsewhere.example. Add it to ingress.hosts.']
]
const EMBEDDED = 'needs mongodb.enabled: the embedded store allows one pod only.'
const backend: Rejected[] = [
  [{ 'mongodb.enabled': false, replicas: 2 }, `replicas (2) ${EMBEDDED}`],
  [{ 'mongodb.enabled': false, 'autoscaling.enabled': true }, `autoscaling.enabled ${EMBEDDED}`]
]
const cache = (memory: unknown, mebibytes: number) =>
  ({ 'resources.limits': { memory }, cacheSizeMiB: mebibytes })
/** Memory limits, and the largest cache that each allows. */
const CACHES: Array<[limit: unknown, most: number]> = [
  ['768Mi', 460], ['1048576000', 600], [1_048_576_000, 600], ['1048576k', 600], ['1.5G', 858],
  ['1500M', 858], ['1T', 572_204], ['1048576Ki', 614], ['1.5Gi', 921], ['1Ti', 629_145]
]
const NO_METRICS = 'serviceMonitor.enabled needs metrics.enabled.'
const UNNAMED = 'restore.archive needs restore.run: a name for this restore, such as today\'s date.'
const NO_BACKUPS = 'restore.archive needs backup.enabled or backup.persistence.existingClaim.'
const mongodb: Rejected[] = [
  ...CACHES.map(([limit, most]): Rejected => [
    cache(limit, most + 1),
    `cacheSizeMiB is ${most + 1}, more than 60 % of resources.limits.memory (`
  ]),
  [{ 'serviceMonitor.enabled': true }, NO_METRICS],
  [{ 'restore.archive': 'latest' }, UNNAMED],
  [{ 'restore.archive': 'latest', 'restore.run': 'first' }, NO_BACKUPS]
]

test.each([
  ...SERVICES.flatMap(chart => service.map(refused => [chart, ...refused] as const)),
  ...backend.map(refused => ['guestbook-backend', ...refused] as const),
  ...mongodb.map(refused => ['guestbook-mongodb', ...refused] as const)
])('%s rejects %j: %s', async (chart, values, message) => {
  const { status, stderr } = await template(chart, { values: nested(values) })
  expect(status).not.toBe(0)
  expect(stderr).toContain(message)
})

const SERVICE_EDGES: Json[] = [
  { terminationGracePeriodSeconds: 20 },
  { shutdownDelayMs: 15_000 },
  { shutdownDelayMs: 0, terminationGracePeriodSeconds: 15 },
  { shutdownDelayMs: 60_000, terminationGracePeriodSeconds: 75 },
  { 'autoscaling.minReplicas': 5 },
  { 'ingress.hosts': ['a.example', 'b.example'], 'ingress.tlsSecrets': { 'b.example': 'tls' } }
]
test.each([
  ['guestbook-backend', [
    ...SERVICE_EDGES,
    { 'mongodb.enabled': false },
    { 'mongodb.enabled': false, replicas: 0 },
    { 'mongodb.enabled': false, 'autoscaling.minReplicas': 3 }
  ]],
  ['guestbook-frontend', SERVICE_EDGES],
  ['guestbook-mongodb', [
    ...CACHES.map(([limit, most]) => cache(limit, most)),
    cache(null, 100_000),
    { 'resources.limits': null, cacheSizeMiB: 100_000 },
    cache('1E', 100_000), // an unknown unit
    { 'serviceMonitor.enabled': true, 'metrics.enabled': true },
    { 'restore.run': 'first' },
    { 'restore.archive': 'latest', 'restore.run': 'first', 'backup.enabled': true },
    {
      'restore.archive': 'latest',
      'restore.run': 'first',
      'backup.persistence.existingClaim': 'nfs'
    }
  ]]
])('%s accepts values at their limits', async (chart, edges) => {
  const texts = await renderTexts(chart, edges)
  expect(texts.filter(text => !text.includes('kind: Service\n'))).toEqual([])
})

test.each([
  ...SERVICES, 'guestbook-mongodb'
])('%s accepts runAsUser: null and the global values of a parent chart', async chart => {
  expect(await template(chart, { values: { runAsUser: null, global: {} } })).toMatchObject({
    status: 0, stderr: ''
  })
})
