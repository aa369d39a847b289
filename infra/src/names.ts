/** Names and bounds that stacks, values and commands share. */
import type { Config } from './config/schema.ts'

/** All stacks, in the order in which they are deployed. */
export const STACKS = ['cluster', 'platform', 'guestbook'] as const

/** The stacks of a deployment: an existing cluster needs no stack `cluster`. */
export const stacksOf = ({ target }: Config) =>
  STACKS.filter(stack => stack !== 'cluster' || target.type === 'kind')

/** Namespaces by name, with the Pod Security Standard that their pods must meet. */
export const NAMESPACES = {
  /** The controller listens on ports of the node. */
  ingress: 'privileged',
  /** Node exporter and log shippers read files of the nodes. */
  monitoring: 'privileged',
  argocd: 'restricted',
  guestbook: 'restricted'
} as const
export type NamespaceName = keyof typeof NAMESPACES

/** Seconds that Helm waits for a release. */
export const RELEASE_TIMEOUT_S = 600
/** Prometheus and Grafana have the largest images. */
export const LONGEST_RELEASE_TIMEOUT_S = 900
