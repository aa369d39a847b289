/** A volume that a drill fills: 64 MiB of a node's memory. Kind's own volumes have no metrics. */
import type { Fault } from './faults.ts'
import { CONTAINER_SECURITY, podSecurity } from '../../lib/pod-security.ts'
import { cluster, guestbook } from './namespaces.ts'

interface Nodes { items: Array<{ metadata: { name: string } }> }

const NAME = 'drill-volume'

export async function createVolume (): Promise<void> {
  const { items: [node] } = await cluster.getJson<Nodes>('nodes')
  const image = await guestbook.read(
    'deployment/guestbook-frontend',
    '{.spec.template.spec.containers[0].image}'
  )
  await cluster.send('apply', ...objectsOn(node!.metadata.name, image))
  await guestbook.wait(`pod/${NAME}`, 'condition=Ready', '2m')
}

export async function removeVolume (): Promise<void> {
  await volumeFilled.end().catch(() => {}) // there may be no pod yet
  const objects = [`pod/${NAME}`, `persistentvolumeclaim/${NAME}`]
  await guestbook.run('delete', ...objects, '--ignore-not-found')
  await cluster.run('delete', `persistentvolume/${NAME}`, '--ignore-not-found')
}

export const volumeFilled: Fault = {
  begin: async () => {
    const fill = 'fs.writeFileSync("/volume/filling", Buffer.alloc(58 << 20, 1))'
    await guestbook.run('exec', NAME, '--', 'node', '--eval', fill)
  },
  end: async () => { await guestbook.run('exec', NAME, '--', 'rm', '-f', '/volume/filling') }
}

function objectsOn (node: string, image: string): object[] {
  const metadata = { name: NAME, namespace: 'guestbook' }
  const size = { storage: '64Mi' }
  const isNode = { key: 'kubernetes.io/hostname', operator: 'In', values: [node] }
  return [
    {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: NAME },
      spec: {
        accessModes: ['ReadWriteOnce'],
        capacity: size,
        storageClassName: NAME,
        persistentVolumeReclaimPolicy: 'Retain',
        local: { path: '/dev/shm' },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [isNode] }] } }
      }
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata,
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: NAME,
        resources: { requests: size }
      }
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: {
        automountServiceAccountToken: false,
        terminationGracePeriodSeconds: 0,
        tolerations: [{ operator: 'Exists' }],
        securityContext: podSecurity(),
        containers: [
          {
            name: 'drill',
            image,
            imagePullPolicy: 'IfNotPresent',
            command: ['sleep', 'infinity'],
            resources: { requests: { cpu: '5m', memory: '16Mi' }, limits: { memory: '192Mi' } },
            securityContext: { ...CONTAINER_SECURITY, readOnlyRootFilesystem: true },
            volumeMounts: [{ name: 'volume', mountPath: '/volume' }]
          }
        ],
        volumes: [{ name: 'volume', persistentVolumeClaim: { claimName: NAME } }]
      }
    }
  ]
}
