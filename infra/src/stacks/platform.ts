import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { SecretV1 } from '@cdktf/provider-kubernetes/lib/secret-v1/index.js'
import { Fn, type ITerraformDependable } from 'cdktf'
import type { Construct } from 'constructs'
import { parse } from 'yaml'
import { chartOf } from '../charts.ts'
import type { Config } from '../config/schema.ts'
import { Alerting } from '../constructs/alerting.ts'
import { Files } from '../constructs/files.ts'
import { GitDelivery } from '../constructs/git-delivery.ts'
import { Namespace } from '../constructs/namespace.ts'
import { connect } from '../constructs/providers.ts'
import { Release } from '../constructs/release.ts'
import { Tenant } from '../constructs/tenant.ts'
import { LONGEST_RELEASE_TIMEOUT_S } from '../names.ts'
import { nginxValues, traefikValues } from '../values/ingress.ts'
import { alloyValues, promtailValues } from '../values/logs.ts'
import { lokiValues } from '../values/loki.ts'
import { metricsServer, metricsServerValues } from '../values/metrics-server.ts'
import { probeValues } from '../values/probe.ts'
import { prometheusValues } from '../values/prometheus.ts'
import { tempoValues } from '../values/tempo.ts'
import { BaseStack } from './base.ts'
import type { ClusterStack } from './cluster.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const yamlOf = (path: string): object => parse(readFileSync(root + path, 'utf8'))

/** Namespace and deployer of the workloads, ingress, metrics, logs, traces, alerts, and Argo CD. */
export class PlatformStack extends BaseStack {
  constructor (scope: Construct, id: string, config: Config, cluster: ClusterStack | undefined) {
    super(scope, id, config)
    connect(this, config, cluster?.cluster)
    const tenant = new Tenant(this, 'tenant')
    this.#ingress(config)
    if (metricsServer(config) !== 'off') {
      new Release(this, 'metrics-server', {
        name: 'metrics-server',
        namespace: 'kube-system',
        chart: chartOf(config, 'metrics-server'),
        values: metricsServerValues(config)
      })
    }
    const monitoring = config.monitoring.prometheus ? [this.#monitoring(config)] : []
    if (config.delivery.mode === 'argocd') {
      new GitDelivery(this, 'git', { config, tenant, dependsOn: monitoring })
    }
  }

  /** @returns the release with the CustomResourceDefinition ServiceMonitor */
  #monitoring (config: Config): ITerraformDependable {
    const namespace = new Namespace(this, 'monitoring').name
    const prometheus = this.#prometheus(config, namespace)
    const release = (name: string, chart: string, values: object) =>
      new Release(this, name, {
        name,
        namespace,
        chart: chartOf(config, chart),
        values,
        dependsOn: [prometheus]
      })
    release(
      'blackbox',
      'blackbox-exporter',
      probeValues(config, yamlOf('alert-rules/blackbox.yml'))
    )
    if (config.monitoring.traces) release('tempo', 'tempo', tempoValues(config))
    if (config.monitoring.logs !== 'off') release('loki', 'loki', lokiValues(config))
    if (config.monitoring.logs === 'promtail') {
      release('promtail', 'promtail', promtailValues(config))
    }
    if (config.monitoring.logs === 'alloy') release('alloy', 'alloy', alloyValues(config))
    return prometheus
  }

  #ingress (config: Config): void {
    const namespace = new Namespace(this, 'ingress').name
    // The names differ, so a change of controller removes the old release first: the controller of
    // an IngressClass is immutable.
    const [name, chart, values] =
      config.ingress.controller === 'traefik'
        ? ['ingress', 'traefik', traefikValues(config)]
        : ['ingress-nginx', 'nginx-ingress', nginxValues(config)]
    new Release<object>(this, 'ingress-controller', {
      name,
      namespace,
      chart: chartOf(config, chart),
      values
    })
  }

  #prometheus (config: Config, namespace: string): ITerraformDependable {
    const alerting = config.monitoring.grafana ? this.#grafana(namespace) : undefined
    return new Release(this, 'prometheus', {
      name: 'kube-prometheus-stack',
      namespace,
      chart: chartOf(config, 'kube-prometheus-stack'),
      values: prometheusValues(
        config,
        yamlOf('alert-rules/recording_rules.yml'),
        alerting?.keysVersion
      ),
      timeoutSeconds: LONGEST_RELEASE_TIMEOUT_S,
      dependsOn: alerting && [alerting.secret]
    }).release
  }

  #grafana (namespace: string): Alerting {
    new SecretV1(this, 'grafana-admin', {
      metadata: { name: 'grafana-admin', namespace },
      dataWo: { 'admin-user': 'admin', 'admin-password': Fn.uuid() },
      dataWoRevision: 1
    })
    new Files(this, 'dashboards', {
      namespace,
      label: 'grafana_dashboard',
      paths: globSync('alert-rules/dashboards/*.json', { cwd: root }).sort()
    })
    return new Alerting(this, 'alerting', {
      namespace,
      rules: globSync('alert-rules/*_alerts.yml', { cwd: root }).sort(),
      heartbeatSink: 'http://blackbox.monitoring:9115/-/healthy'
    })
  }
}
