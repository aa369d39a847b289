import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../lib/until.ts'
import type { Link } from './link.ts'
import type { Network } from './network.ts'
import type { Platform } from './platform.ts'
import { pick, type Random } from './random.ts'
import type { RecordedClients } from './recorded-clients.ts'
import type { ReplicaSet } from './replica-set.ts'
import type { Workload } from './workload.ts'

export interface Context {
  network: Network
  replicaSet: ReplicaSet
  platform: Platform
  workload: Workload
  clients: RecordedClients
  random: Random
  /** The primary when the scenario begins. */
  primary: string
  /** The other members. */
  secondaries: string[]
  /** Writes to the history and to the output. */
  note: (what: string) => void
  /** Sets the clocks of clients and frontends ahead by the scenario's `clockJumpMs`. */
  jump: () => void
}

/** Timeout of an election. */
const ELECTION_MS = 60_000

/** Injects a fault that the seed chooses. */
export async function injectRandomFault (
  { network, replicaSet, platform, random, note }: Context,
  clients: string[],
  members: string[]
): Promise<void> {
  const [member, direction] = [
    pick(random, members),
    pick(random, ['requests', 'responses'] as const)
  ]
  const others = members.filter(name => name !== member)
  const [what, links]: [string, Link[]] = pick(random, [
    [`members to ${member}`, network.links(others, [member])],
    [`${member} to members`, network.links([member], others)],
    [`${member} and members`, linksBetween(network, [member], others)],
    [`backends to ${member}`, network.links(clients, [member])],
    [`b1 to ${member}`, network.links(['b1'], [member])],
    [`b2 to others than ${member}`, network.links(['b2'], others)]
  ])
  const ms = Math.floor(random() * 3000)
  const dice = random()
  if (dice < 0.3) {
    for (const link of links) link.hold(direction)
    note(`${what}: ${direction} are held`)
  } else if (dice < 0.6) {
    for (const link of links) link.delay(direction, ms)
    note(`${what}: ${direction} are ${ms} ms late`)
  } else if (dice < 0.8) {
    for (const link of links) link.reject()
    note(`${what}: rejected`)
  } else if (dice < 0.87) {
    for (const link of links) link.cut()
    note(`${what}: cut once`)
  } else if (dice < 0.92) {
    const [primary] = await replicaSet.primaries()
    if (primary !== undefined) await replicaSet.stepDown(primary)
    note(`${primary ?? 'nobody'} steps down`)
  } else {
    const server =
      random() < 0.5 ? pick(random, platform.backends).server : replicaSet.member(member).server
    server.kill('SIGSTOP')
    note(`process ${server.pid} is stopped for ${ms} ms`)
    await sleep(ms)
    server.kill('SIGCONT')
  }
}

export function linksBetween (network: Network, some: string[], others: string[]): Link[] {
  return [...network.links(some, others), ...network.links(others, some)]
}

/** Only b1 reaches the primary. b2 reaches the other members. */
export function isolatePrimary ({ network, primary, secondaries, note }: Context): void {
  for (const link of [
    ...network.links(secondaries, [primary]),
    ...network.links(['b1'], secondaries),
    ...network.links(['b2'], [primary])
  ]) { link.reject() }
  note(`only b1 reaches ${primary}`)
}

/** Waits until the other members have elected a primary. */
export async function waitForSuccessor ({ replicaSet, primary, note }: Context): Promise<void> {
  const primaries = await until(
    `${primary} has a successor`,
    async () => {
      const primaries = await replicaSet.primaries()
      return primaries.some(name => name !== primary) ? primaries : undefined
    },
    ELECTION_MS
  )
  note(`primaries: ${primaries.join(' and ')}`)
}

export async function waitForPrimary ({ replicaSet }: Context): Promise<void> {
  const isElected = async () => (await replicaSet.primaries()).length > 0
  await until('another primary is elected', isElected, ELECTION_MS)
}

export async function waitForOnePrimary ({ replicaSet, note }: Context): Promise<void> {
  const began = performance.now()
  await until(
    'only one primary is left',
    async () => (await replicaSet.primaries()).length < 2,
    ELECTION_MS
  )
  note(`${((performance.now() - began) / 1000).toFixed(1)} s later one of them is left`)
  await sleep(1000)
}

/** Posts and hides messages, and resolves to their ids. */
export async function hiddenMessages (
  { clients, workload, platform }: Context,
  count: number
): Promise<string[]> {
  const backend = platform.backends[0]!
  return await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      await workload.post(`script ${index}`, () => backend)
      const id = await workload.claim()
      await clients.moderate(`script ${index}`, backend, id, true)
      return id
    })
  )
}
