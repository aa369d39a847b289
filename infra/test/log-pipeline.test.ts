import { expect, test } from '@jest/globals'
import { loadConfig } from '../src/config/load.ts'
import { alloyValues } from '../src/values/logs.ts'
import { blocksOf } from './alloy.ts'

test('Alloy\'s pipeline yields the labels of Promtail\'s', () => {
  const relabel = (source: string, target: string) =>
    ({ source_labels: [`__meta_kubernetes_${source}`], target_label: target })
  expect(blocksOf(alloyValues(loadConfig('dev')).alloy.configMap.content)).toEqual({
    logging: { level: 'warn', format: 'json' },
    'discovery.kubernetes pods': {
      role: 'pod',
      selectors: {
        role: 'pod',
        field: 'code: "spec.nodeName=" + coalesce(sys.env("HOSTNAME"), constants.hostname)'
      }
    },
    'discovery.relabel pods': {
      targets: 'code: discovery.kubernetes.pods.targets',
      rule: [
        {
          source_labels: ['__meta_kubernetes_pod_phase'],
          regex: 'Pending|Succeeded|Failed|Completed',
          action: 'drop'
        },
        relabel('namespace', 'namespace'),
        relabel('pod_name', 'pod'),
        relabel('pod_container_name', 'container'),
        relabel('pod_label_app_kubernetes_io_name', 'app'),
        {
          source_labels: ['__meta_kubernetes_pod_uid', '__meta_kubernetes_pod_container_name'],
          separator: '/',
          target_label: '__path__',
          replacement: '/var/log/pods/*$1/*.log'
        }
      ]
    },
    'loki.source.file pods': {
      targets: 'code: discovery.relabel.pods.output',
      forward_to: 'code: [loki.process.pods.receiver]',
      file_match: { enabled: true }
    },
    'loki.process pods': {
      'stage.cri': {},
      'stage.json': {
        expressions: 'code: { level = "level", trace_id = "trace_id", span_id = "span_id" }'
      },
      'stage.labels': { values: 'code: { level = "" }' },
      'stage.structured_metadata': { values: 'code: { trace_id = "", span_id = "" }' },
      'stage.label_drop': { values: ['filename', 'stream'] },
      forward_to: 'code: [loki.write.default.receiver]'
    },
    'loki.write default': { endpoint: { url: 'http://loki.monitoring:3100/loki/api/v1/push' } }
  })
})

test.each([
  ['a line that is neither', 'logging {\nlevel\n}'], ['a block that is open', 'logging {'],
  ['one end too many', '}']
])('the reader of Alloy\'s configuration rejects %s', (_, content) => {
  expect(() => blocksOf(content)).toThrow()
})
