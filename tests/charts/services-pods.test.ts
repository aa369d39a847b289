import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { CONTAINER_SECURITY, serviceAccount, TEST_HOOK } from './common.ts'
import { find, ROOT, type Json } from './helm.ts'
import {
  BACKEND, containerOf, deploymentOf, FRONTEND, labels, metadata, nameOf,
  podLabels, podOf, POD_SECURITY, renderService, RESOURCES, selectorLabels, testPodLabels,
  type Service
} from './services.ts'
import { renderRow } from './variants.ts'

const BOTH = [BACKEND, FRONTEND]
const DIGEST = `sha256:${'a'.repeat(64)}`
const POST_AND_READ = readFileSync(
  `${ROOT}charts/guestbook-frontend/files/post-and-read.mjs`, 'utf8'
)
const deployment = async (service: Service, values?: Json) =>
  find(await renderService(service, values), 'Deployment', nameOf(service))

test.each(BOTH)('$chart installs this Deployment', async service => {
  expect(await deployment(service)).toEqual(deploymentOf(service))
})

/** Values, and the changes of the pods. */
const CHANGES: Array<[values: Json, changed: (service: Service) => object]> = [
  [{ terminationGracePeriodSeconds: 45 }, () => ({ terminationGracePeriodSeconds: 45 })],
  [{ runAsUser: 1234 }, () => ({
    securityContext: { ...POD_SECURITY, runAsUser: 1234, runAsGroup: 1234 }
  })],
  [{ runAsUser: null }, () => ({
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }
  })],
  [{
    'image.pullSecrets': ['a', 'b'], nodeSelector: { disk: 'fast' }, tolerations: [{ key: 'web' }]
  }, () => ({
    imagePullSecrets: [{ name: 'a' }, { name: 'b' }],
    nodeSelector: { disk: 'fast' },
    tolerations: [{ key: 'web' }]
  })],
  [{ 'topologySpread.whenUnsatisfiable': 'DoNotSchedule' }, service => ({
    topologySpreadConstraints: [{
      ...podOf(service).topologySpreadConstraints[0], whenUnsatisfiable: 'DoNotSchedule'
    }]
  })],
  [{ affinity: { nodeAffinity: { a: 'b' } } }, service => ({
    affinity: { ...podOf(service).affinity, nodeAffinity: { a: 'b' } }
  })],
  [{
    affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: ['mine'] } }
  }, () => ({
    affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: ['mine'] } }
  })],
  [{
    'image.repository': 'registry.example:5000/x',
    'image.tag': 'abc',
    'image.pullPolicy': 'Always',
    resources: { requests: { cpu: '1' }, limits: { memory: '1Gi' } }
  }, service => ({
    containers: [{
      ...containerOf(service),
      image: 'registry.example:5000/x:abc',
      imagePullPolicy: 'Always',
      // Helm merges maps.
      resources: { requests: { cpu: '1', memory: '96Mi' }, limits: { memory: '1Gi' } }
    }]
  })],
  [{ 'image.tag': 'abc', 'image.digest': DIGEST }, service => ({
    containers: [{ ...containerOf(service), image: `${service.chart}@${DIGEST}` }]
  })]
]
const CHANGED = CHANGES.flatMap(([values, changed]) => BOTH.map(
  service => [service.chart, values, changed(service), service] as const
))

test.each(CHANGED)('pods of %s with %j have no other change', async (
  _chart, values, changed, service
) => {
  const objects = await renderRow(service.chart, values, CHANGES)
  expect(find(objects, 'Deployment', nameOf(service)).spec).toEqual({
    ...deploymentOf(service).spec,
    template: {
      metadata: { labels: podLabels(service) }, spec: { ...podOf(service), ...changed }
    }
  })
})

test.each(
  BOTH
)('annotations and labels of $chart do not change its selectors', async service => {
  const { metadata, spec } = await deployment(service, {
    podAnnotations: { note: 'text' }, commonLabels: { team: 'guests' }
  })
  expect(metadata.labels).toEqual({ ...labels(service), team: 'guests' })
  expect(spec.template.metadata).toEqual({
    labels: { ...podLabels(service), team: 'guests' }, annotations: { note: 'text' }
  })
  expect(spec.selector).toEqual({ matchLabels: selectorLabels(service) })
})

test.each(BOTH)('pods of $chart have no token for the Kubernetes API', async service => {
  expect(find(await renderService(service), 'ServiceAccount', nameOf(service))).toEqual(
    serviceAccount(metadata(service))
  )
})

const testPod = (image: string, port: number, pod: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'gb-guestbook-frontend-test',
    labels: testPodLabels(FRONTEND),
    annotations: TEST_HOOK
  },
  spec: {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: POD_SECURITY,
    containers: [{
      name: 'test',
      image,
      imagePullPolicy: 'IfNotPresent',
      command: ['node', '--input-type=module', '--eval'],
      args: [POST_AND_READ],
      env: [{ name: 'FRONTEND_URL', value: `http://gb-guestbook-frontend:${port}` }],
      securityContext: CONTAINER_SECURITY,
      resources: RESOURCES
    }],
    ...pod
  }
})

test.each([
  [{}, testPod(containerOf(FRONTEND).image, 3000)],
  [
    {
      'image.digest': DIGEST,
      'image.pullSecrets': ['a'],
      'service.port': 80,
      nodeSelector: { disk: 'fast' },
      tolerations: [{ key: 'web' }]
    },
    testPod(`guestbook-frontend@${DIGEST}`, 80, {
      imagePullSecrets: [{ name: 'a' }],
      nodeSelector: { disk: 'fast' },
      tolerations: [{ key: 'web' }]
    })
  ]
])('helm test with %j runs this pod', async (values, expected) => {
  const objects = await renderService(FRONTEND, values)
  expect(find(objects, 'Pod', 'gb-guestbook-frontend-test')).toEqual(expected)
})
