import type { Json, KubeObject } from './helm.ts'

interface Peer { podSelector?: Selector, namespaceSelector?: Selector, ipBlock?: { cidr: string } }
interface Selector {
  matchLabels?: Record<string, string>
  matchExpressions?: Array<{ values?: string[] }>
}
interface Rule {
  from?: Peer[]
  to?: Peer[]
  ports?: Array<{ port: number | string; protocol?: string }>
}

/** A policy's edges as readable lines, such as `in from guestbook-frontend on 3001/TCP`. */
export function edgesOf ({ spec }: KubeObject): string[] {
  const {
    policyTypes,
    ingress = [],
    egress = []
  } = spec as { policyTypes: string[]; ingress?: Rule[]; egress?: Rule[] }
  if (policyTypes.join() !== 'Ingress,Egress') {
    throw new Error('a policy that leaves a direction open')
  }
  return [
    ...ingress.flatMap(({ from, ports }) =>
      peers(from).map(peer => `in from ${peer} on ${portsOf(ports)}`)
    ),
    ...egress.flatMap(({ to, ports }) =>
      peers(to).map(peer => `out to ${peer} on ${portsOf(ports)}`)
    )
  ]
}

/** No peers at all means everyone, in Kubernetes too. */
function peers (list?: Peer[]): string[] {
  return list?.length ? list.map(nameOf) : ['anywhere']
}

function nameOf ({ podSelector, namespaceSelector, ipBlock }: Peer): string {
  if (ipBlock) return ipBlock.cidr
  const parts = [
    podSelector && `${labels(podSelector) || 'every pod'}`,
    namespaceSelector && `namespace ${labels(namespaceSelector) || 'any'}`
  ]
  return parts.filter(Boolean).join(' in ')
}

function labels ({ matchLabels = {}, matchExpressions = [] }: Selector): string {
  const { 'app.kubernetes.io/instance': _instance, ...rest } = matchLabels
  return [...Object.values(rest), ...matchExpressions.flatMap(({ values = [] }) => values)].join(
    ' or '
  )
}

function portsOf (ports: Rule['ports']): string {
  return ports?.map(({ port, protocol = 'TCP' }) => `${port}/${protocol}`).join(' ') ?? 'every port'
}

/** Whether a policy's selector chooses pods with these labels. */
export function selects (policy: KubeObject, podLabels: Json): boolean {
  const { matchLabels = {} } = policy.spec.podSelector as Selector
  return Object.entries(matchLabels).every(([name, value]) => podLabels[name] === value)
}
