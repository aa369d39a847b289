/** Parts of objects that are equal in all charts. */

export const CONTAINER_SECURITY = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] }
}
export const TEST_HOOK = {
  'helm.sh/hook': 'test', 'helm.sh/hook-delete-policy': 'before-hook-creation'
}

/** Pods prefer zones and nodes with fewer of them. */
export const spread = (matchLabels: object) => ({
  affinity: {
    podAntiAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [{
        weight: 100,
        podAffinityTerm: {
          topologyKey: 'topology.kubernetes.io/zone', labelSelector: { matchLabels }
        }
      }]
    }
  },
  topologySpreadConstraints: [{
    topologyKey: 'kubernetes.io/hostname',
    maxSkew: 1,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels }
  }]
})

export const serviceAccount = (metadata: object) =>
  ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false })

interface Rules { podSelector: object, ingress?: object[], egress: object[] }
export const networkPolicy = (metadata: object, rules: Rules) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata,
  spec: { policyTypes: ['Ingress', 'Egress'], ...rules }
})

export const inNamespaces = (...values: string[]) => ({
  namespaceSelector: {
    matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values }]
  }
})
/** Egress to the name servers of the cluster. */
export const DNS = {
  to: [
    {
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'kube-system' } },
      podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } }
    },
    { ipBlock: { cidr: '169.254.20.10/32' } }
  ],
  ports: [{ port: 53, protocol: 'UDP' }, { port: 53, protocol: 'TCP' }]
}
