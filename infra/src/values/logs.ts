/**
 * Values of the two log shippers. Both yield the labels namespace, pod, container, app and level,
 * and the metadata trace_id and span_id.
 */
import { readFileSync } from 'node:fs'
import type { Config } from '../config/schema.ts'
import { LOKI } from './loki.ts'
import { resources } from './profile.ts'
import { globalRegistry } from './registry.ts'

const PUSH_URL = `${LOKI}/loki/api/v1/push`
const pipeline = readFileSync(new URL('logs.alloy', import.meta.url), 'utf8')
/** The shippers also run on nodes with taints. */
const TOLERATE_ALL = [{ operator: 'Exists', effect: 'NoSchedule' }]

/** Values of chart promtail 6. */
export function promtailValues (config: Config) {
  return {
    ...globalRegistry(config),
    config: {
      clients: [{ url: PUSH_URL }],
      snippets: {
        pipelineStages: [
          { cri: {} },
          { json: { expressions: { level: 'level', trace_id: 'trace_id', span_id: 'span_id' } } },
          { labels: { level: null } },
          { structured_metadata: { trace_id: null, span_id: null } },
          // Alloy's pipeline does not have these labels.
          { labeldrop: ['filename', 'stream', 'job', 'component', 'instance', 'node_name'] }
        ]
      }
    },
    serviceMonitor: { enabled: true },
    tolerations: TOLERATE_ALL,
    resources: resources('20m', '64Mi', '192Mi')
  }
}

/** Values of chart alloy 1. */
export function alloyValues (config: Config) {
  return {
    ...(config.mirrors.registry && { global: { image: { registry: config.mirrors.registry } } }),
    crds: { create: false },
    controller: { type: 'daemonset', tolerations: TOLERATE_ALL },
    configReloader: { resources: resources('5m', '24Mi', '64Mi') },
    serviceMonitor: { enabled: true },
    alloy: {
      enableReporting: false,
      mounts: { varlog: true },
      resources: resources('30m', '96Mi', '256Mi'),
      configMap: { content: pipeline.replace('"LOKI_PUSH_URL"', JSON.stringify(PUSH_URL)) }
    }
  }
}
