import { setTimeout as sleep } from 'node:timers/promises'
import { hostileTexts } from '@guestbook/service-kit/testing/hostile-text'
import { Connection, type Ended, type Outcome } from './connection.ts'
import { MALFORMED, OVERSIZED, type Malformed } from './malformed.ts'
import { get, post, unfinishedPost, type Target, type Unfinished } from './target.ts'

export interface Case {
  id: string
  name: string
  /** How it may end for a connection. */
  allowed: Outcome[]
  /** Whether others may be turned away for a moment, the witness too. */
  sheds?: boolean
  /** Whether turning away is the point of it, with these settings. */
  mustShed?: (target: Target) => boolean
  /** Milliseconds that the witness's p99 may take, where the attack is little work in itself. */
  mostMs?: number
  /** `size` is the number of connections where nothing else is said. */
  attack: (target: Target, size: number) => Promise<Ended[]>
}

/** Longer than a whole request may take, and than it takes to notice. */
const SLOW_MS = 15_000
/** Longer than a connection may stand still, and than it takes to notice. */
const STUCK_MS = 100_000
const ANSWER_MS = 30_000
const IDLE_MS = 10_000
/** Connections at a time, so that the queue of those that are not accepted yet does not overflow. */
const BATCH = 100
/** A little faster than a client may post by the default of RATE_LIMIT_POSTS. */
const POST_EVERY_MS = 500
/** Of a text whose body fits into 64 KiB, escaped as JSON. */
const HOSTILE_BYTES = 20_000

interface OpenOptions {
  reads?: boolean
  /** Whether each comes from a loopback address of its own. */
  fromEverywhere?: boolean
}

async function open (
  count: number,
  target: Target,
  { reads, fromEverywhere }: OpenOptions = {}
): Promise<Connection[]> {
  const connections: Connection[] = []
  while (connections.length < count) {
    const batch = Array.from({ length: Math.min(BATCH, count - connections.length) }, (_, i) => {
      const number = connections.length + i
      return new Connection(target.url, {
        ...(reads !== undefined && { reads }),
        ...(fromEverywhere && { from: `127.1.${number >> 8}.${number & 255}` })
      })
    })
    connections.push(...batch)
    for (let waits = 0; waits < 200 && !batch.every(({ isSettled }) => isSettled); waits++) {
      await sleep(10)
    }
  }
  return connections
}

/** `beginning` at once, then `drop` each second until the server has had enough. */
async function trickle (
  target: Target,
  size: number,
  beginning: string,
  drop: string
): Promise<Ended[]> {
  const connections = await open(size, target)
  for (const connection of connections) connection.send(beginning)
  const timer = setInterval(() => {
    for (const connection of connections) connection.send(drop)
  }, 1000)
  const ended = await Promise.all(
    connections.map(async connection => await connection.end(SLOW_MS, { untilClosed: true }))
  )
  clearInterval(timer)
  return ended
}

/** All connections first, then a request over each at the same moment. */
async function burst (target: Target, size: number, request: string): Promise<Ended[]> {
  const connections = await open(size, target)
  for (const connection of connections) connection.send(request)
  return await Promise.all(connections.map(async connection => await connection.end(ANSWER_MS)))
}

/** Each ten times; an answer that does not fit is no outcome that is allowed. */
async function each (list: Malformed[], target: Target): Promise<Ended[]> {
  return (await Promise.all(list.map(async ({ name, bytes, allowed }) => {
    const connections = await open(10, target)
    for (const connection of connections) connection.send(bytes(target))
    const ended = await Promise.all(
      connections.map(async connection => await connection.end(ANSWER_MS))
    )
    const wrong = ended.find(({ outcome }) => !allowed.includes(outcome as number))
    if (wrong) throw new Error(`${name}: ${wrong.outcome} instead of ${allowed.join(' or ')}`)
    return ended
  }))).flat()
}

/** They ask for all they can get and never read it. The server must let go of them by itself. */
async function slowReaders (target: Target, size: number): Promise<Ended[]> {
  const before = target.openFiles()
  const connections = await open(size, target, { reads: false })
  for (const connection of connections) connection.send(get(target).repeat(10))
  const deadline = performance.now() + STUCK_MS
  while (target.openFiles() > before + size / 2 && performance.now() < deadline) await sleep(500)
  const outcome = performance.now() < deadline ? 'cut off' : 'left open'
  return (await Promise.all(connections.map(async connection => await connection.end(0)))).map(
    ({ isPolite }) => ({ outcome, isPolite })
  )
}

/** Posts that are begun, send almost all and fall silent until the server has had enough. */
async function unfinishedPosts (
  target: Target,
  size: number,
  options: Unfinished & OpenOptions = {}
): Promise<Ended[]> {
  const connections = await open(size, target, options)
  for (const connection of connections) connection.send(unfinishedPost(target, options))
  return await Promise.all(
    connections.map(async connection => await connection.end(SLOW_MS, { untilClosed: true }))
  )
}

/** One client, one post at a time, well inside its rate limit: only the text is hostile. */
async function hostilePosts (target: Target): Promise<Ended[]> {
  const ended: Array<Promise<Ended>> = []
  for (const [, text] of hostileTexts(HOSTILE_BYTES)) {
    const connection = new Connection(target.url)
    connection.send(post(target, text))
    ended.push(connection.end(ANSWER_MS))
    await sleep(POST_EVERY_MS)
  }
  return await Promise.all(ended)
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
    name: 'more connections than may be',
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
    name: '2,000 requests ahead of their answers on each connection',
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
    attack: async (target, size) =>
      await burst(target, size * 4, post(target, 'x'.repeat(60_000)))
  },
  {
    id: 'unfinished',
    name: 'posts of 62 KB that are not finished',
    allowed: [408, 429, 503],
    sheds: true,
    attack: async (target, size) => await unfinishedPosts(target, size * 9)
  },
  {
    id: 'unfinished-chunked',
    name: 'the same in chunks',
    allowed: [408, 429, 503],
    sheds: true,
    attack: async (target, size) =>
      await unfinishedPosts(target, size * 9, { chunkBytes: 31_000 })
  },
  {
    id: 'unfinished-everywhere',
    name: 'the same, each from an address of its own',
    allowed: [408, 503],
    sheds: true,
    attack: async (target, size) =>
      await unfinishedPosts(target, size * 9, { fromEverywhere: true })
  },
  {
    id: 'tiny-chunks',
    name: 'posts in chunks of a byte, each from an address of its own',
    allowed: [413, 503],
    sheds: true,
    attack: async (target, size) =>
      await unfinishedPosts(target, size / 5, { chunkBytes: 1, fromEverywhere: true })
  },
  {
    id: 'hostile-posts',
    name: 'texts that are dear to normalise, two a second',
    allowed: [201, 303, 400, 413],
    mostMs: 250,
    attack: hostilePosts
  }
]

/** Each has had an answer and then says nothing. */
async function idle (target: Target, size: number): Promise<Ended[]> {
  const connections: Connection[] = []
  while (connections.length < size) {
    const batch = await open(Math.min(BATCH, size - connections.length), target)
    for (const connection of batch) connection.send(get(target))
    await Promise.all(
      batch.map(async ({ answered }) => await Promise.race([answered, sleep(ANSWER_MS)]))
    )
    connections.push(...batch)
  }
  await sleep(IDLE_MS)
  return await Promise.all(connections.map(async connection => await connection.end(ANSWER_MS)))
}
