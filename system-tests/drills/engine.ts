import type { Rule } from '../../alert-rules/generator/provisioning.ts'

/** The receivers of an engine, and the targets of links in its messages. */
export interface Addresses {
  integrationKey: string
  pagerDuty: string
  /** A proxy that forwards PagerDuty's own address to the receiver. */
  proxy: string
  certificate: string
  heartbeat: string
  runbooks: string
  grafana: string
}

/** Evaluates the rules and delivers the pages. */
export interface Engine {
  name: string
  /** Seconds beyond the promise, because the engine is not scaled like the rules. */
  slackSeconds: number
  /** Seconds from its start until its notification policies are effective. */
  settleSeconds: number
  evaluates: (rule: Rule) => boolean
  /** Whether its messages have custom details. */
  hasDetails: boolean
  start: () => Promise<void>
  stop: () => Promise<void>
}
