import { setTimeout as sleep } from 'node:timers/promises'
import { hostileTexts } from '@guestbook/service-kit/testing/hostile-text'
import { Connection, type Ended } from './connection.ts'
import type { Malformed } from './malformed.ts'
import { get, post, unfinishedPost, type Target, type Unfinished } from './target.ts'

/** Longer than the timeout of a request. */
const SLOW_MS = 15_000
/** Longer than the timeout of a connection that makes no progress. */
const STUCK_MS = 100_000
const ANSWER_MS = 30_000
const IDLE_MS = 10_000
/** Connections that are opened at a time, so that the accept queue does not overflow. */
const BATCH = 100
/** Slightly faster than the default of RATE_LIMIT_POSTS permits. */
const POST_EVERY_MS = 500
/** Size of a text whose body fits into 64 KiB, escaped as JSON. */
const HOSTILE_BYTES = 20_000

interface OpenOptions {
  reads?: boolean
  /** Whether each connection has a loopback address of its own. */
  distributed?: boolean
}

async function open (
  count: number,
  target: Target,
  { reads, distributed }: OpenOptions = {}
): Promise<Connection[]> {
  const connections: Connection[] = []
  while (connections.length < count) {
    const batch = Array.from({ length: Math.min(BATCH, count - connections.length) }, (_, i) => {
      const number = connections.length + i
      return new Connection(target.url, {
        ...(reads !== undefined && { reads }),
        ...(distributed && { from: `127.1.${number >> 8}.${number & 255}` })
      })
    })
    connections.push(...batch)
    for (let waits = 0; waits < 200 && !batch.every(({ isSettled }) => isSettled); waits++) {
      await sleep(10)
    }
  }
  return connections
}

/** Sends `beginning` at once, then `drop` each second until the server closes the connection. */
export async function trickle (
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

/** Opens all connections, then sends a request over each at once. */
export async function burst (target: Target, size: number, request: string): Promise<Ended[]> {
  const connections = await open(size, target)
  for (const connection of connections) connection.send(request)
  return await Promise.all(connections.map(async connection => await connection.end(ANSWER_MS)))
}

/** Sends each ten times. @throws Error naming one with an outcome that is not allowed */
export async function each (list: Malformed[], target: Target): Promise<Ended[]> {
  return (await Promise.all(list.map(async ([name, allowed, bytes]) => {
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

/** Sends requests and never reads an answer. The server must close the connections. */
export async function slowReaders (target: Target, size: number): Promise<Ended[]> {
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

/** Sends most of a post, and waits until the server closes the connection. */
export async function unfinishedPosts (
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

/** Posts hostile texts one at a time, within the rate limit. */
export async function hostilePosts (target: Target): Promise<Ended[]> {
  const ended: Array<Promise<Ended>> = []
  for (const [, text] of hostileTexts(HOSTILE_BYTES)) {
    const connection = new Connection(target.url)
    connection.send(post(target, text))
    ended.push(connection.end(ANSWER_MS))
    await sleep(POST_EVERY_MS)
  }
  return await Promise.all(ended)
}

/** Sends one request over each connection and leaves it idle. */
export async function idle (target: Target, size: number): Promise<Ended[]> {
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
