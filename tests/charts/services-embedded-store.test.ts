import { expect, test } from '@jest/globals'
import { find, type Json } from './helm.ts'
import {
  BACKEND, deploymentOf, metadata, nameOf, podLabels, podOf, POD_SECURITY, renderService
} from './services.ts'
import { renderRow } from './variants.ts'

const CLAIM = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
const KEPT = {
  'helm.sh/resource-policy': 'keep',
  'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false'
}

test('the embedded store has one pod at a time and a volume', async () => {
  const objects = await renderService(BACKEND, { 'mongodb.enabled': false })
  const { volumes } = podOf(BACKEND)
  const [container] = podOf(BACKEND).containers
  expect(find(objects, 'Deployment', nameOf(BACKEND)).spec).toEqual({
    ...deploymentOf(BACKEND).spec,
    strategy: { type: 'Recreate' },
    template: {
      metadata: { labels: podLabels(BACKEND) },
      spec: {
        ...podOf(BACKEND),
        securityContext: { ...POD_SECURITY, fsGroup: 10001 },
        containers: [{
          ...container,
          env: [...BACKEND.env.slice(0, -1), { name: 'DATA_DIR', value: '/data' }],
          volumeMounts: [...container!.volumeMounts, { name: 'data', mountPath: '/data' }]
        }],
        volumes: [
          ...volumes, { name: 'data', persistentVolumeClaim: { claimName: nameOf(BACKEND) } }
        ]
      }
    }
  })
})

const VOLUMES: Array<[values: Json, annotations: object | undefined, spec: object]> = [
  [{ 'mongodb.enabled': false }, KEPT, CLAIM],
  [{ 'mongodb.enabled': false, 'persistence.keep': false }, undefined, CLAIM],
  [
    {
      'mongodb.enabled': false,
      'persistence.size': '5Gi',
      'persistence.storageClass': 'fast'
    },
    KEPT,
    { ...CLAIM, storageClassName: 'fast', resources: { requests: { storage: '5Gi' } } }
  ]
]
test.each(VOLUMES)('with %j the volume of the embedded store has the annotations %j', async (
  values, annotations, spec
) => {
  const objects = await renderRow(BACKEND.chart, values, VOLUMES)
  expect(find(objects, 'PersistentVolumeClaim', nameOf(BACKEND))).toEqual({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { ...metadata(BACKEND), ...annotations && { annotations } },
    spec
  })
})

test('with runAsUser: null the embedded store has no fsGroup', async () => {
  const objects = await renderService(BACKEND, { 'mongodb.enabled': false, runAsUser: null })
  expect(find(objects, 'Deployment', nameOf(BACKEND)).spec.template.spec.securityContext).toEqual({
    runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' }
  })
})
