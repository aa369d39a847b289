/** What a profile keeps, and what addresses and links are made of. */
import { expect, test } from '@jest/globals'
import { resources, synth, valuesOf } from '../synth.ts'

test.each([
  ['small', '7d', '5GB', '6Gi', '72h', '4Gi', '24h', '2Gi'],
  ['full', '30d', '45GB', '50Gi', '720h', '50Gi', '168h', '20Gi']
] as const)('the profile %s keeps metrics %s (%s of %s), logs %s (%s), traces %s (%s)', (
  profile, metrics, metricsSize, metricsVolume, logs, logsVolume, traces, tracesVolume
) => {
  const stack = synth({ profile }).platform!
  const prometheus = valuesOf(stack, 'kube-prometheus-stack').prometheus.prometheusSpec
  const loki = valuesOf(stack, 'loki')
  const tempo = valuesOf(stack, 'tempo')
  expect([
    prometheus.retention, prometheus.retentionSize,
    prometheus.storageSpec.volumeClaimTemplate.spec.resources.requests.storage,
    loki.loki.limits_config.retention_period, loki.singleBinary.persistence.size,
    tempo.tempo.retention, tempo.persistence.size
  ]).toEqual([metrics, metricsSize, metricsVolume, logs, logsVolume, traces, tracesVolume])
})

test('the profile full keeps metrics for 30 days', () => {
  const { platform } = synth({ profile: 'full' })
  const { grafana, prometheus } = valuesOf(platform!, 'kube-prometheus-stack')
  expect([
    prometheus.prometheusSpec.resources, grafana.resources,
    valuesOf(platform!, 'loki').singleBinary.resources, valuesOf(platform!, 'tempo').tempo.resources
  ]).toEqual([
    resources('250m', '2Gi', '4Gi'), resources('100m', '256Mi', '1Gi'),
    resources('200m', '512Mi', '2Gi'), resources('100m', '512Mi', '2Gi')
  ])
})

test('links lead to the port of Kind, and pages to the addresses of the settings', () => {
  const { platform, guestbook } = synth({
    target: { ports: { http: 8080, guestbook: 30003 } },
    alerts: { pagerdutyUrl: 'http://stub.example', runbookBaseUrl: 'https://runbooks.example' }
  })
  const { grafana, prometheus } = valuesOf(platform!, 'kube-prometheus-stack')
  expect(prometheus.prometheusSpec.externalUrl).toBe('http://prometheus.localhost:8080')
  expect(grafana['grafana.ini'].server.root_url).toBe('http://grafana.localhost:8080')
  expect(grafana.env).toEqual({
    PAGERDUTY_URL: 'http://stub.example',
    RUNBOOK_BASE_URL: 'https://runbooks.example',
    GRAFANA_URL: 'http://grafana.localhost:8080'
  })
  // Inside the node the port stays the same.
  expect(valuesOf(guestbook!, 'guestbook-frontend').service)
    .toEqual({ type: 'NodePort', nodePort: 30002 })
})

test('each service has its own number of pods', () => {
  const { guestbook } = synth(
    { guestbook: { backendReplicas: 2, frontendReplicas: 4, autoscaling: true } })
  const of = (service: string) => {
    const { replicas, autoscaling } = valuesOf(guestbook!, `guestbook-${service}`)
    return [replicas, autoscaling]
  }
  expect([of('backend'), of('frontend')]).toEqual([
    [2, { enabled: true, minReplicas: 2, maxReplicas: 8 }],
    [4, { enabled: true, minReplicas: 4, maxReplicas: 16 }]
  ])
})
