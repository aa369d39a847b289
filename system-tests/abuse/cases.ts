import {
  burst,
  each,
  hostilePosts,
  idle,
  slowReaders,
  trickle,
  unfinishedPosts
} from './attacks.ts'
import type { Ended, Outcome } from './connection.ts'
import { MALFORMED, OVERSIZED } from './malformed.ts'
import { get, post, type Target } from './target.ts'

export interface Case {
  id: string
  name: string
  /** The outcomes that a connection may have. */
  allowed: Outcome[]
  /** Whether requests of others may be shed, the canary client's too. */
  sheds?: boolean
  /** Whether requests must be shed with these settings. */
  mustShed?: (target: Target) => boolean
  /** Limit of the canary client's p99, where the attack itself causes little work. */
  maxMs?: number
  /** `size` is the number of connections. */
  attack: (target: Target, size: number) => Promise<Ended[]>
}

export const CASES: Case[] = [
  {
    id: 'headers',
    name: 'headers trickle',
    allowed: [408],
    attack: async (target, size) =>
      await trickle(target, size, get(target).slice(0, -2), 'A: b\r\n')
  },
  {
    id: 'bodies',
    name: 'bodies trickle',
    allowed: [408],
    attack: async (target, size) =>
      await trickle(target, size, post(target, 'x'.repeat(900)).slice(0, -900), 'x')
  },
  {
    id: 'readers',
    name: 'clients do not read',
    allowed: ['cut off'],
    sheds: true,
    attack: slowReaders
  },
  {
    id: 'idle',
    name: 'idle connections',
    allowed: [200],
    attack: async (target, size) => await idle(target, size * 9)
  },
  {
    id: 'connections',
    name: 'more connections than allowed',
    allowed: [200],
    attack: async (target, size) => await idle(target, size * 12)
  },
  {
    id: 'oversized',
    name: 'oversized requests',
    allowed: [413, 431],
    attack: async target => await each(OVERSIZED, target)
  },
  {
    id: 'malformed',
    name: 'malformed requests',
    allowed: [400, 404, 415],
    attack: async target => await each(MALFORMED, target)
  },
  {
    id: 'pipelining',
    name: '2,000 pipelined requests on each connection',
    allowed: [200, 503, 'cut off'],
    sheds: true,
    attack: async (target, size) => await burst(target, size / 5, get(target).repeat(2000))
  },
  {
    id: 'reads',
    name: 'reads at once',
    allowed: [200, 503],
    sheds: true,
    mustShed: ({ name }) => name === 'frontend',
    attack: async (target, size) => await burst(target, size * 4, get(target))
  },
  {
    id: 'posts',
    name: 'posts of 1 KB at once',
    allowed: [201, 303, 503],
    sheds: true,
    mustShed: () => true,
    attack: async (target, size) => await burst(target, size * 4, post(target, 'x'.repeat(900)))
  },
  {
    id: 'large-posts',
    name: 'posts of 60 KB at once',
    allowed: [400, 429, 503],
    sheds: true,
    attack: async (target, size) => await burst(target, size * 4, post(target, 'x'.repeat(60_000)))
  },
  {
    id: 'unfinished',
    name: 'unfinished posts of 62 KB',
    allowed: [408, 429, 503],
    sheds: true,
    attack: async (target, size) => await unfinishedPosts(target, size * 9)
  },
  {
    id: 'unfinished-chunked',
    name: 'unfinished posts in chunks',
    allowed: [408, 429, 503],
    sheds: true,
    attack: async (target, size) => await unfinishedPosts(target, size * 9, { chunkBytes: 31_000 })
  },
  {
    id: 'unfinished-everywhere',
    name: 'unfinished posts, each from its own address',
    allowed: [408, 503],
    sheds: true,
    attack: async (target, size) => await unfinishedPosts(target, size * 9, { distributed: true })
  },
  {
    id: 'tiny-chunks',
    name: 'posts in chunks of a byte, each from its own address',
    allowed: [413, 503],
    sheds: true,
    attack: async (target, size) =>
      await unfinishedPosts(target, size / 5, { chunkBytes: 1, distributed: true })
  },
  {
    id: 'hostile-posts',
    name: 'texts that are expensive to normalise, two a second',
    allowed: [201, 303, 400, 413],
    maxMs: 250,
    attack: hostilePosts
  }
]
