import type { Rule } from '../../alert-rules/generator/provisioning.ts'

/** Where an engine finds its receivers, and what its messages link to. */
export interface Addresses {
  integrationKey: string
  pagerDuty: string
  /** Leads PagerDuty's own address to the receiver as well. */
  proxy: string
  certificate: string
  heartbeat: string
  runbooks: string
  grafana: string
}

/** What evaluates the rules and delivers the pages. */
export interface Engine {
  name: string
  /** Seconds it may need beyond the promise, because it is not as much faster as the rules. */
  slackSeconds: number
  /** Seconds from its start until its notification policies hold. */
  settleSeconds: number
  evaluates: (rule: Rule) => boolean
  /** Whether its messages carry details of one's own. */
  hasDetails: boolean
  start: () => Promise<void>
  stop: () => Promise<void>
}
