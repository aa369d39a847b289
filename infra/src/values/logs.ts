/** Values of the two log shippers. Both yield namespace, pod, container, app and level as labels, trace_id and span_id as metadata. */
import { readFileSync } from 'node:fs'
import type { Config } from '../config/schema.ts'
import { LOKI } from './loki.ts'
import { resources } from './profile.ts'
import { globalRegistry } from './registry.ts'

const push = `${LOKI}/loki/api/v1/push`
const pipeline = readFileSync(new URL('logs.alloy', import.meta.url), 'utf8')
/** Nodes with taints have logs as well. */
const everyNode = [{ operator: 'Exists', effect: 'NoSchedule' }]

/** Values of chart promtail 6. */
export function promtailValues (config: Config) {
  return {
    ...globalRegistry(config),
    config: {
      clients: [{ url: push }],
      snippets: {
        pipelineStages: [
          { cri: {} },
          { json: { expressions: { level: 'level', trace_id: 'trace_id', span_id: 'span_id' } } },
          { labels: { level: null } },
          { structured_metadata: { trace_id: null, span_id: null } },
          // Labels that Alloy's pipeline does not have either.
          { labeldrop: ['filename', 'stream', 'job', 'component', 'instance', 'node_name'] }
        ]
      }
    },
    serviceMonitor: { enabled: true },
    tolerations: everyNode,
    resources: resources('20m', '64Mi', '192Mi')
  }
}

/** Values of chart alloy 1. */
export function alloyValues (config: Config) {
  return {
    ...(config.mirrors.registry && { global: { image: { registry: config.mirrors.registry } } }),
    crds: { create: false },
    controller: { type: 'daemonset', tolerations: everyNode },
    configReloader: { resources: resources('5m', '24Mi', '64Mi') },
    serviceMonitor: { enabled: true },
    alloy: {
      enableReporting: false,
      mounts: { varlog: true },
      resources: resources('30m', '96Mi', '256Mi'),
      configMap: { content: pipeline.replace('"LOKI_PUSH_URL"', JSON.stringify(push)) }
    }
  }
}
