import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../lib/until.ts'
import type { Direction } from './link.ts'
import { ELECTION_TIMEOUT_MS } from './replica-set.ts'
import {
  hiddenMessages,
  injectRandomFault,
  isolatePrimary,
  linksBetween,
  waitForOnePrimary,
  waitForPrimary,
  waitForSuccessor,
  type Context
} from './scenario-steps.ts'
import type { WorkloadOptions } from './workload.ts'

export interface Scenario {
  name: string
  description: string
  /** Overrides of WORKLOAD. */
  workload?: Partial<WorkloadOptions>
  /** Milliseconds by which a service's clock is ahead. */
  clockSkewMs?: Record<string, number>
  /** Milliseconds of a jump of the clients' and the frontends' clocks. */
  clockJumpMs?: number
  /** Injects faults while clients work. Faults that remain are removed afterwards. */
  run: (context: Context) => Promise<void>
}

/** Longer than a backend waits for an answer of MongoDB. */
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
      for (const link of linksBetween(network, [primary], secondaries)) link.reject()
      note(`${primary} is cut off from ${secondaries.join(' and ')}`)
      await waitForSuccessor(context)
      await sleep(2000)
    }
  },
  {
    name: 'two-primaries',
    description: 'Only b1 reaches the primary, whose heartbeats are answered 2.5 s late.',
    run: async context => {
      const { network, primary, secondaries } = context
      isolatePrimary(context)
      for (const link of network.links([primary], secondaries)) link.delay('responses', 2500)
      await waitForSuccessor(context)
      await waitForOnePrimary(context)
    }
  },
  {
    name: 'long-overlap',
    description: 'The same, and just before the election the answers to the old primary stop.',
    run: async context => {
      const { network, primary, secondaries } = context
      isolatePrimary(context)
      await sleep(ELECTION_TIMEOUT_MS - 1000)
      for (const link of network.links([primary], secondaries)) link.hold('responses')
      await waitForSuccessor(context)
      await waitForOnePrimary(context)
    }
  },
  {
    name: 'old-primary-hides',
    description:
      'Messages are restored through a new primary and then hidden through the old one.',
    workload: SCRIPT_ONLY,
    run: async context => {
      const { network, clients, platform, workload, primary, secondaries, note } = context
      const [old, current] = [platform.instance('b1'), platform.instance('b2')]
      const ids = await hiddenMessages(context, MODERATED)
      isolatePrimary(context)
      await sleep(ELECTION_TIMEOUT_MS - 1000)
      for (const link of network.links([primary], secondaries)) link.hold('responses')
      await waitForSuccessor(context)
      await until(
        'b2 finds the new primary',
        async () => (await workload.post('script', () => current, 1)) === 'ok',
        BACKEND_MS
      )
      note('b2 has found the new primary')
      await Promise.all(
        ids.map(async (id, index) => {
          await clients.moderate(`script ${index}`, current, id, false)
          await clients.moderate(`script ${index}`, old, id, true)
        })
      )
      // This message is not on the old primary.
      await clients.moderate('script', old, await workload.claim(), true)
      await waitForOnePrimary(context)
    }
  },
  {
    name: 'late-restore',
    description:
      'A restore is held and answered 503, and arrives after a later hide was acknowledged.',
    workload: { ...SCRIPT_ONLY, visitors: 2 },
    run: async context => {
      const { clients, network, platform, primary, note } = context
      const [first, second] = [platform.instance('b1'), platform.instance('b2')]
      const ids = await hiddenMessages(context, MODERATED)
      network.link(first.name, primary).hold('requests')
      note(`${first.name} does not reach ${primary}`)
      await Promise.all(
        ids.map(async (id, index) => {
          await clients.moderate(`script ${index}`, first, id, false)
          await clients.moderate(`script ${index}`, second, id, true)
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
    run: async () => { await sleep(8000) }
  },
  {
    name: 'slow-posts',
    description:
      'What b1 sends to the primary arrives late, or after b1 has given up, while b2 goes on.',
    run: async ({ network, primary, note }) => {
      const link = network.link('b1', primary)
      const hold = async (direction: Direction, heldMs: number) => {
        link.hold(direction)
        await sleep(heldMs)
        link.open()
        note(`${direction} of b1 were held for ${heldMs} ms`)
        await sleep(1500)
      }
      for (const heldMs of [500, 1500, 2500, 4500]) await hold('requests', heldMs)
      for (const heldMs of [1500, 2500]) await hold('responses', heldMs)
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
      await waitForPrimary(context)
      await sleep(2000)
      replicaSet.member(held).server.kill('SIGCONT')
      note(`${held} goes on`)
      const killed = await replicaSet.settled()
      await replicaSet.member(killed).server.stop('SIGKILL')
      note(`${killed} is killed`)
      await waitForPrimary(context)
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
    description: 'Messages are hidden while the backend of f1 is away, and 6 minutes go by.',
    workload: { ...SCRIPT_ONLY, readers: 8, visitors: 2 },
    clockJumpMs: 6 * 60_000,
    run: async context => {
      const { clients, platform, workload, note, jump } = context
      const [away, other] = [platform.instance('b1'), platform.instance('b2')]
      for (let count = 0; count < MODERATED; count++) await workload.post('script', () => other)
      await sleep(1000) // readers have fresh pages
      await away.server.stop('SIGKILL')
      note(`${away.name} is away`)
      for (let count = 0; count < MODERATED; count++) {
        await clients.moderate('script', other, await workload.claim(), true)
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
      'Links are held, delayed, rejected and cut, and processes stopped, at random (--seed).',
    run: async context => {
      const { network, replicaSet, platform, random, note } = context
      const members = replicaSet.names
      const clients = platform.backends.map(({ name }) => name)
      const end = performance.now() + RANDOM_MS
      while (performance.now() < end) {
        const faults = 1 + Math.floor(random() * 3)
        for (let count = 0; count < faults; count++) {
          await injectRandomFault(context, clients, members)
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
