/** Values of chart kube-prometheus-stack 88: Prometheus, its operator, exporters and Grafana. */
import type { Config } from '../config/schema.ts'
import { urlOf } from '../urls.ts'
import { grafanaValues } from './grafana.ts'
import { profile, resources } from './profile.ts'
import { globalRegistry } from './registry.ts'

/** URL of Prometheus inside the cluster. */
export const PROMETHEUS = 'http://kps-prometheus.monitoring:9090'

/** Components that listen only on the node's loopback, or require certificates. */
const NO_CONTROL_PLANE = {
  kubeControllerManager: { enabled: false },
  kubeScheduler: { enabled: false },
  kubeEtcd: { enabled: false },
  kubeProxy: { enabled: false }
}

/**
 * @param recordingRules groups of Prometheus rules, as in alert-rules/recording_rules.yml
 * @param keysVersion changes with Grafana's keys; undefined without Grafana
 */
export function prometheusValues (config: Config, recordingRules: object, keysVersion?: string) {
  const { metrics } = profile(config)
  return {
    ...globalRegistry(config),
    fullnameOverride: 'kps',
    crds: { enabled: true },
    ...NO_CONTROL_PLANE,
    windowsMonitoring: { enabled: false },
    defaultRules: {
      rules: {
        etcd: false,
        kubeControllerManager: false,
        kubeProxy: false,
        kubeSchedulerAlerting: false,
        kubeSchedulerRecording: false,
        windows: false
      }
    },
    additionalPrometheusRulesMap: { guestbook: recordingRules },
    // Grafana evaluates the alerts and sends the pages.
    alertmanager: { enabled: false },
    prometheusOperator: {
      resources: resources('20m', '64Mi', '192Mi'),
      prometheusConfigReloader: { resources: resources('5m', '24Mi', '64Mi') }
    },
    'kube-state-metrics': { resources: resources('10m', '32Mi', '128Mi') },
    'prometheus-node-exporter': {
      // The chart's list and /etc/.+, below which a Kind node mounts the computer's disk again.
      extraArgs: [
        '--collector.filesystem.mount-points-exclude=^/(dev|proc|sys|etc/.+|run/containerd/.+|' +
          'var/lib/(docker|kubelet)/.+)($|/)'
      ],
      resources: resources('10m', '24Mi', '64Mi')
    },
    prometheus: {
      ingress: {
        enabled: true,
        ingressClassName: 'nginx',
        hosts: [config.hosts.prometheus],
        paths: ['/'],
        pathType: 'Prefix'
      },
      prometheusSpec: {
        externalUrl: urlOf(config, config.hosts.prometheus),
        ...ALL_MONITORS,
        enableFeatures: ['exemplar-storage'],
        enableRemoteWriteReceiver: config.monitoring.traces,
        scrapeInterval: '15s',
        evaluationInterval: '15s',
        retention: metrics.retention,
        retentionSize: metrics.retentionSize,
        resources: metrics.resources,
        storageSpec: {
          volumeClaimTemplate: {
            spec: {
              accessModes: ['ReadWriteOnce'],
              resources: { requests: { storage: metrics.size } }
            }
          }
        }
      }
    },
    grafana: keysVersion ? grafanaValues(config, keysVersion) : { enabled: false }
  }
}

/** Monitors and rules of all releases, not only those with this release's label. */
const ALL_MONITORS = {
  serviceMonitorSelectorNilUsesHelmValues: false,
  podMonitorSelectorNilUsesHelmValues: false,
  probeSelectorNilUsesHelmValues: false,
  scrapeConfigSelectorNilUsesHelmValues: false,
  ruleSelectorNilUsesHelmValues: false
}
