import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../../services/until.ts'
import type { Network } from './network.ts'
import type { Platform } from './platform.ts'
import { ELECTION_TIMEOUT_MS, type ReplicaSet } from './replica-set.ts'
import type { Random, Workload, WorkloadOptions } from './workload.ts'

export interface Context {
  network: Network
  replicaSet: ReplicaSet
  platform: Platform
  workload: Workload
  random: Random
  /** The primary when the scenario begins. */
  primary: string
  /** The other members. */
  secondaries: string[]
  /** Writes to the history and to the progress. */
  note: (what: string) => void
}

export interface Scenario {
  name: string
  description: string
  /** Other than usual. */
  workload?: Partial<WorkloadOptions>
  /** Milliseconds by which a service's clock is ahead. */
  clockSkewMs?: Record<string, number>
  /** Breaks something while clients work. What it leaves broken is healed afterwards. */
  run: (context: Context) => Promise<void>
}

/** Longest until an election must have come about. */
const ELECTION_MS = 4 * ELECTION_TIMEOUT_MS

export const SCENARIOS: Scenario[] = [
  {
    name: 'isolated-primary',
    description: 'The primary is cut off from the other members, and both backends still reach it: what it takes is rolled back.',
    run: async ({ network, replicaSet, primary, secondaries, note }) => {
      for (const link of [...network.links([primary], secondaries), ...network.links(secondaries, [primary])]) link.refuse()
      note(`${primary} is cut off from ${secondaries.join(' and ')}`)
      await until('the others elect a primary', async () => (await replicaSet.primaries()).some(name => name !== primary), ELECTION_MS)
      note('another primary is elected')
      await sleep(2000)
    }
  }
]
