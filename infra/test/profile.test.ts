import { expect, test } from '@jest/globals'
import { synth, valuesOf } from './synth.ts'

const stacks = {
  small: synth({ profile: 'small' }).platform!, full: synth({ profile: 'full' }).platform!
}

test.each([
  ['small', '7d', '5GB', '6Gi', '72h', '4Gi', '24h', '2Gi'],
  ['full', '30d', '45GB', '50Gi', '720h', '50Gi', '168h', '20Gi']
] as const)('the profile %s keeps metrics for %s (%s of %s), logs for %s (%s), traces for %s (%s)', (
  profile, metrics, metricsSize, metricsVolume, logs, logsVolume, traces, tracesVolume
) => {
  const stack = stacks[profile]
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
