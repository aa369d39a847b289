import { expect, test } from '@jest/globals'
import { nested, SERVICES, template, type Json } from './helm.ts'

/** What is wrong, and the value that the message must name: by its path in the schema, or in dots. */
type Refused = readonly [values: Json, named: string]

const service: Refused[] = [
  [{ replicas: 'two' }, '/replicas'],
  [{ replicas: -1 }, '/replicas'],
  [{ replica: 2 }, 'replica'],
  [{ 'image.tag': 'a b' }, '/image/tag'],
  [{ 'image.digest': 'sha256:abc' }, '/image/digest'],
  [{ 'image.repository': '' }, '/image/repository'],
  [{ 'image.pullPolicy': 'Sometimes' }, '/image/pullPolicy'],
  [{ 'image.pullSecrets': [{ name: 'registry' }] }, '/image/pullSecrets'],
  [{ fullnameOverride: 'Upper' }, '/fullnameOverride'],
  [{ commonLabels: { 'app.kubernetes.io/name': 'other' } }, '/commonLabels'],
  [{ commonLabels: { team: 'not a label' } }, '/commonLabels/team'],
  [{ podAnnotations: { number: 1 } }, '/podAnnotations/number'],
  [{ logLevel: 'loud' }, '/logLevel'],
  [{ trustProxy: '1' }, '/trustProxy'],
  [{ trustProxy: 'loopback,' }, '/trustProxy'],
  [{ rateLimitPosts: 0 }, '/rateLimitPosts'],
  [{ maxConnections: 0 }, '/maxConnections'],
  [{ maxReadsInFlight: 0 }, '/maxReadsInFlight'],
  [{ trustProxyHops: 0 }, '/trustProxyHops'],
  [{ trustProxyHops: 11 }, '/trustProxyHops'],
  [{ maxPostsInFlight: 0 }, '/maxPostsInFlight'],
  [{ maxBodyBytesBuffered: 65_535 }, '/maxBodyBytesBuffered'],
  [{ maxBodyBytesPerClient: '4Mi' }, '/maxBodyBytesPerClient'],
  [{ maxEventLoopDelayMs: -1 }, '/maxEventLoopDelayMs'],
  [{ shutdownDelayMs: 60_001 }, '/shutdownDelayMs'],
  [{ shutdownDelayMs: '5s' }, '/shutdownDelayMs'],
  [{ terminationGracePeriodSeconds: 5 }, '/terminationGracePeriodSeconds'],
  [{ terminationGracePeriodSeconds: 19 }, 'terminationGracePeriodSeconds is 19'],
  [{ shutdownDelayMs: 15_001 }, 'terminationGracePeriodSeconds is 30: with shutdownDelayMs 15001'],
  [{ otlpEndpoint: 'tempo:4318' }, '/otlpEndpoint'],
  [{ 'faultsToken.existingSecret.name': 'Not a name' }, '/faultsToken/existingSecret/name'],
  [{ faultsToken: 'literal-secret-in-values' }, '/faultsToken'],
  [{ extraEnv: { PORT: '80' } }, '/extraEnv'],
  [{ extraEnv: { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://x' } }, '/extraEnv'],
  [{ extraEnv: { NODE_OPTIONS: 1 } }, '/extraEnv/NODE_OPTIONS'],
  [{ 'service.port': 0 }, '/service/port'],
  [{ 'ingress.hosts': [] }, '/ingress/hosts'],
  [{ 'ingress.hosts': ['a.example', 'a.example'] }, '/ingress/hosts'],
  [{ 'ingress.hosts': ['http://a.example'] }, '/ingress/hosts/0'],
  [{ 'ingress.hosts': [{ host: 'a.example' }] }, '/ingress/hosts/0'],
  [{ 'ingress.tlsSecrets': { 'elsewhere.example': 'tls' } }, 'ingress.tlsSecrets names elsewhere.example'],
  [{ 'autoscaling.minReplicas': 6 }, 'autoscaling.minReplicas is 6, more than autoscaling.maxReplicas'],
  [{ 'autoscaling.maxReplicas': 0 }, '/autoscaling/maxReplicas'],
  [{ 'podDisruptionBudget.maxUnavailable': 0 }, '/podDisruptionBudget/maxUnavailable'],
  [{ 'topologySpread.whenUnsatisfiable': 'Hope' }, '/topologySpread/whenUnsatisfiable'],
  [{ 'networkPolicy.ingressCIDRs': ['10.0.0.1'] }, '/networkPolicy/ingressCIDRs/0'],
  [{ 'networkPolicy.extraEgress': [{ from: [] }] }, '/networkPolicy/extraEgress/0'],
  [{ 'serviceMonitor.interval': '10' }, '/serviceMonitor/interval'],
  [{ 'resources.limits': { memory: 'lots' } }, '/resources/limits/memory'],
  [{ 'resources.limits': { memroy: '1Gi' } }, 'memroy'],
  [{ runAsUser: 0 }, '/runAsUser'],
  [{ tolerations: [{ effect: 'Never' }] }, '/tolerations/0/effect'],
  [{ affinity: { anything: {} } }, '/affinity']
]
const backend: Refused[] = [
  [{ 'mongodb.uri': 'mongodb://user:password@host/guestbook' }, '/mongodb'],
  [{ 'mongodb.existingSecret.name': '' }, '/mongodb/existingSecret/name'],
  [{ 'mongodb.externalCIDRs': ['atlas.example'] }, '/mongodb/externalCIDRs/0'],
  [{ 'mongodb.port': 70_000 }, '/mongodb/port'],
  [{ 'persistence.size': 'big' }, '/persistence/size'],
  [{ moderatorToken: 'literal-secret-in-values' }, '/moderatorToken'],
  [{ 'mongodb.enabled': false, replicas: 2 }, 'replicas is 2, which needs mongodb.enabled'],
  [{ 'mongodb.enabled': false, 'autoscaling.enabled': true }, 'autoscaling.enabled needs mongodb.enabled']
]
const frontend: Refused[] = [
  [{ backendUrl: 'guestbook-backend:3001' }, '/backendUrl'],
  [{ publicOrigin: 'guestbook.example' }, '/publicOrigin'],
  [{ publicOrigin: 'https://guestbook.example/path' }, '/publicOrigin'],
  [{ publicOrigin: 'https://a.example,' }, '/publicOrigin'],
  [{ 'service.type': 'ExternalName' }, '/service/type'],
  [{ 'service.nodePort': 80 }, '/service/nodePort']
]
const mongodb: Refused[] = [
  [{ replicas: 2 }, '/replicas'],
  [{ 'auth.password': 'literal-secret-in-values' }, '/auth'],
  [{ 'image.pullPolicy': 'Sometimes' }, '/image/pullPolicy'],
  [{ cacheSizeMiB: 2048 }, 'cacheSizeMiB is 2048'],
  [{ 'serviceMonitor.enabled': true }, 'serviceMonitor.enabled is true'],
  [{ 'restore.archive': 'latest' }, 'restore.run'],
  [{ 'restore.archive': 'latest', 'restore.run': 'first' }, 'backup.enabled']
]

const CASES = [
  ...SERVICES.flatMap(chart => service.map(refused => [chart, ...refused] as const)),
  ...backend.map(refused => ['guestbook-backend', ...refused] as const),
  ...frontend.map(refused => ['guestbook-frontend', ...refused] as const),
  ...mongodb.map(refused => ['guestbook-mongodb', ...refused] as const)
]

test.each(CASES)('%s refuses %j, naming %s', async (chart, values, named) => {
  const { status, stderr } = await template(chart, { values: nested(values) })
  expect(status).not.toBe(0)
  expect(stderr).toContain(named)
})

test.each(SERVICES)('%s takes values at the edge of what is allowed', async chart => {
  const values = { shutdownDelayMs: 15_000, terminationGracePeriodSeconds: 30, trustProxy: '', replicas: 0, 'autoscaling.minReplicas': 5, runAsUser: null, 'networkPolicy.ingressCIDRs': ['2001:db8::/32'], global: {} }
  expect(await template(chart, { values: nested(values) })).toMatchObject({ status: 0, stderr: '' })
})
