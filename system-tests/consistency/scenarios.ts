import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../lib/until.ts'
import type { Link, Network } from './network.ts'
import type { Platform } from './platform.ts'
import { ELECTION_TIMEOUT_MS, type ReplicaSet } from './replica-set.ts'
import { pick, type Random, type Workload, type WorkloadOptions } from './workload.ts'

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
  /** Lets the clients' and the frontends' clocks jump by the scenario's `clockJumpMs`. */
  jump: () => void
}

export interface Scenario {
  name: string
  description: string
  /** Other than usual. */
  workload?: Partial<WorkloadOptions>
  /** Milliseconds by which a service's clock is ahead. */
  clockSkewMs?: Record<string, number>
  /** Milliseconds of a jump of the clients' and the frontends' clocks. */
  clockJumpMs?: number
  /** Breaks something while clients work. What it leaves broken is healed afterwards. */
  run: (context: Context) => Promise<void>
}

/** Longest until an election must have come about. */
const ELECTION_MS = 60_000
/** Longest until a backend has its next answer or gives up. */
const BACKEND_MS = 10_000
/** Messages that a scripted scenario moderates. */
const MODERATED = 10
const RANDOM_MS = 40_000
const SCRIPT_ONLY: WorkloadOptions = { visitors: 0, apiClients: 0, moderators: 0, readers: 4 }

export const SCENARIOS: Scenario[] = [
  {
    name: 'isolated-primary',
    description:
      'The primary is cut off from the other members, and both backends still reach it.',
    run: async context => {
      const { network, primary, secondaries, note } = context
      for (const link of linksBetween(network, [primary], secondaries)) link.refuse()
      note(`${primary} is cut off from ${secondaries.join(' and ')}`)
      await successor(context)
      await sleep(2000)
    }
  },
  {
    name: 'two-primaries',
    description:
      'Only b1 reaches the primary, whose heartbeats are answered 2.5 s late.',
    run: async context => {
      const { network, primary, secondaries } = context
      isolateLate(context)
      for (const link of network.links([primary], secondaries)) link.delay('responses', 2500)
      await successor(context)
      await whileTwoPrimaries(context)
    }
  },
  {
    name: 'long-overlap',
    description: 'The same, and just before the election the answers to the old primary stop.',
    run: async context => {
      const { network, primary, secondaries } = context
      isolateLate(context)
      await sleep(ELECTION_TIMEOUT_MS - 1000)
      for (const link of network.links([primary], secondaries)) link.hold('responses')
      await successor(context)
      await whileTwoPrimaries(context)
    }
  },
  {
    name: 'old-primary-hides',
    description:
      'Messages are restored through a new primary and then hidden through the old one.',
    workload: SCRIPT_ONLY,
    run: async context => {
      const { network, platform, workload, primary, secondaries, note } = context
      const [old, current] = platform.backends as [
        Platform['backends'][0],
        Platform['backends'][0]
      ]
      const ids = await hiddenMessages(context, MODERATED)
      isolateLate(context)
      await sleep(ELECTION_TIMEOUT_MS - 1000)
      for (const link of network.links([primary], secondaries)) link.hold('responses')
      await successor(context)
      await until(
        'b2 finds the new primary',
        async () => (await workload.post('script', () => current, 1)) === 'ok',
        BACKEND_MS
      )
      note('b2 has found the new primary')
      await Promise.all(
        ids.map(async (id, index) => {
          await workload.moderate(`script ${index}`, current, id, false)
          await workload.moderate(`script ${index}`, old, id, true)
        })
      )
      // One that the old primary does not know.
      await workload.moderate('script', old, await workload.claim(), true)
      await whileTwoPrimaries(context)
    }
  },
  {
    name: 'late-restore',
    description:
      'A restore is held and answered 503, and arrives after a later hide was acknowledged.',
    workload: { ...SCRIPT_ONLY, visitors: 2 },
    run: async context => {
      const { network, platform, workload, primary, note } = context
      const [first, second] = platform.backends as [
        Platform['backends'][0],
        Platform['backends'][0]
      ]
      const ids = await hiddenMessages(context, MODERATED)
      network.link(first.name, primary).hold('requests')
      note(`${first.name} does not reach ${primary}`)
      await Promise.all(
        ids.map(async (id, index) => {
          await workload.moderate(`script ${index}`, first, id, false)
          await workload.moderate(`script ${index}`, second, id, true)
        })
      )
      note('the hides are acknowledged')
      network.heal()
      await sleep(2000)
    }
  },
  {
    name: 'clock-skew',
    description: 'The clock of b1 is 20 s ahead of that of b2; nothing is broken.',
    clockSkewMs: { b1: 20_000 },
    run: async () => {
      await sleep(8000)
    }
  },
  {
    name: 'slow-posts',
    description:
      'What b1 sends to the primary arrives late, or after b1 has given up, while b2 goes on.',
    run: async ({ network, primary, note }) => {
      for (const heldMs of [500, 1500, 2500, 4500]) {
        const link = network.link('b1', primary)
        link.hold('requests')
        await sleep(heldMs)
        link.open()
        note(`b1 was held for ${heldMs} ms`)
        await sleep(1500)
      }
      for (const heldMs of [1500, 2500]) {
        const link = network.link('b1', primary)
        link.hold('responses')
        await sleep(heldMs)
        link.open()
        note(`answers to b1 were held for ${heldMs} ms`)
        await sleep(1500)
      }
    }
  },
  {
    name: 'crashes',
    description: 'Primaries step down, stop for a while and are killed, and so is a backend.',
    run: async context => {
      const { replicaSet, platform, note, secondaries } = context
      await replicaSet.stepDown(context.primary)
      note(`${context.primary} stepped down`)
      await sleep(2000)
      const held = await replicaSet.settled()
      replicaSet.member(held).server.kill('SIGSTOP')
      note(`${held} is stopped`)
      await until(
        'another primary is elected',
        async () => (await replicaSet.primaries()).length > 0,
        ELECTION_MS
      )
      await sleep(2000)
      replicaSet.member(held).server.kill('SIGCONT')
      note(`${held} goes on`)
      const killed = await replicaSet.settled()
      await replicaSet.member(killed).server.stop('SIGKILL')
      note(`${killed} is killed`)
      await until(
        'another primary is elected',
        async () => (await replicaSet.primaries()).length > 0,
        ELECTION_MS
      )
      await replicaSet.member(killed).server.start()
      await sleep(1000)
      const [backend] = platform.backends
      backend!.server.kill('SIGSTOP')
      note(`${backend!.name} is stopped`)
      await sleep(3000)
      backend!.server.kill('SIGCONT')
      await sleep(1000)
      await backend!.server.stop('SIGKILL')
      note(`${backend!.name} is killed`)
      await backend!.server.start()
      note(`all of ${[context.primary, ...secondaries].join(', ')} and ${backend!.name} run`)
      await sleep(1000)
    }
  },
  {
    name: 'old-copy',
    description:
      'Messages are hidden while the backend of f1 is away, and 6 minutes go by.',
    workload: { ...SCRIPT_ONLY, readers: 8, visitors: 2 },
    clockJumpMs: 6 * 60_000,
    run: async context => {
      const { platform, workload, note, jump } = context
      const [away, other] = platform.backends as [
        Platform['backends'][0],
        Platform['backends'][0]
      ]
      for (let count = 0; count < MODERATED; count++) await workload.post('script', () => other)
      await sleep(1000) // readers have fresh pages
      await away.server.stop('SIGKILL')
      note(`${away.name} is away`)
      for (let count = 0; count < MODERATED; count++) {
        await workload.moderate('script', other, await workload.claim(), true)
      }
      await sleep(1000)
      jump()
      note('6 minutes later')
      await sleep(3000)
      await away.server.start()
    }
  },
  {
    name: 'random',
    description:
      'Links are held, delayed, refused and cut, and processes stopped, at random (--seed).',
    run: async context => {
      const { network, replicaSet, platform, random, note } = context
      const members = replicaSet.names
      const clients = platform.backends.map(({ name }) => name)
      const end = performance.now() + RANDOM_MS
      while (performance.now() < end) {
        const faults = 1 + Math.floor(random() * 3)
        for (let count = 0; count < faults; count++) {
          await breakSomething(context, clients, members)
        }
        await sleep(500 + random() * 5000)
        if (random() < 0.6) {
          network.heal()
          note('the links are healed')
          await sleep(500 + random() * 4000)
        }
      }
    }
  }
]

/** A fault that the seed chooses. */
async function breakSomething (
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
    for (const link of links) link.refuse()
    note(`${what}: refused`)
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

function linksBetween (network: Network, some: string[], others: string[]): Link[] {
  return [...network.links(some, others), ...network.links(others, some)]
}

/** The others do not reach the primary any more, b1 reaches it alone, and b2 reaches the others. */
function isolateLate ({ network, primary, secondaries, note }: Context): void {
  for (const link of [
    ...network.links(secondaries, [primary]),
    ...network.links(['b1'], secondaries),
    ...network.links(['b2'], [primary])
  ]) { link.refuse() }
  note(`only b1 reaches ${primary}`)
}

/** Waits until the others have elected a primary. */
async function successor ({ replicaSet, primary, note }: Context): Promise<void> {
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

async function whileTwoPrimaries ({ replicaSet, note }: Context): Promise<void> {
  const began = performance.now()
  await until(
    'only one primary is left',
    async () => (await replicaSet.primaries()).length < 2,
    ELECTION_MS
  )
  note(`${((performance.now() - began) / 1000).toFixed(1)} s later one of them is left`)
  await sleep(1000)
}

/** Ids of messages that a script posted and hid. */
async function hiddenMessages ({ workload, platform }: Context, count: number): Promise<string[]> {
  const backend = platform.backends[0]!
  return await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      await workload.post(`script ${index}`, () => backend)
      const id = await workload.claim()
      await workload.moderate(`script ${index}`, backend, id, true)
      return id
    })
  )
}
