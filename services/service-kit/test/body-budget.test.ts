import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { BodyBudget, type BufferedBody, type EvictionReason } from '../src/body-budget.ts'

const TOTAL = 100
const PER_CLIENT = 40

/** A body that records why it was evicted. */
class Body implements BufferedBody {
  bytes = 0
  state: 'open' | 'complete' | 'released' | EvictionReason = 'open'
  readonly client: string
  evict: BufferedBody['evict']
  constructor (client: string, onEvict: (body: Body) => void = () => {}) {
    this.client = client
    this.evict = reason => {
      onEvict(this)
      this.state = reason
    }
  }
}

const step = fc.record({
  does: fc.constantFrom('begin', 'grow', 'complete', 'release'),
  client: fc.constantFrom('a', 'b', 'c', 'd'),
  pick: fc.nat(),
  bytes: fc.integer({ min: 1, max: 50 })
})

test('the limits hold for any sequence of calls, and the right body is evicted', () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), steps => {
    const budget = new BodyBudget({ total: TOTAL, perClient: PER_CLIENT })
    const bodies: Body[] = []
    const held = (client?: string) =>
      bodies.filter(
        body =>
          ['open', 'complete'].includes(body.state) &&
          (client === undefined || body.client === client)
      )
    const sum = (client?: string) => held(client).reduce((bytes, body) => bytes + body.bytes, 0)
    const onEvict = (body: Body) => {
      // Only the oldest unfinished body of the client is evicted.
      expect(body).toBe(held(body.client).find(({ state }) => state === 'open'))
      if (sum(body.client) > PER_CLIENT) return
      for (const { client, state } of held()) {
        if (state === 'open') expect(sum(body.client)).toBeGreaterThanOrEqual(sum(client))
      }
    }
    for (const { does, client, pick, bytes } of steps) {
      if (does === 'begin') bodies.push(new Body(client, onEvict))
      const body = does === 'begin' ? bodies.at(-1) : held()[pick % Math.max(held().length, 1)]
      if (!body) continue
      if (does === 'complete') {
        budget.complete(body.client, body)
        body.state = 'complete'
      } else if (does === 'release') {
        for (let twice = 0; twice < 2; twice++) budget.release(body.client, body)
        body.state = 'released'
      } else if (body.state === 'open') {
        body.bytes += bytes
        expect(budget.reserve(body.client, body, bytes)).toBe(body.state === 'open')
      }
      expect(budget.bytes).toBe(sum())
      expect(sum()).toBeLessThanOrEqual(TOTAL)
      for (const name of ['a', 'b', 'c', 'd']) expect(sum(name)).toBeLessThanOrEqual(PER_CLIENT)
    }
    for (const body of held()) budget.release(body.client, body)
    expect(budget.bytes).toBe(0)
  }))
})

test('a small client keeps its bodies while others use all memory', () => {
  const budget = new BodyBudget({ total: TOTAL, perClient: PER_CLIENT })
  const visitor = new Body('visitor')
  expect(budget.reserve('visitor', visitor, 1)).toBe(true)
  const attackers = Array.from({ length: 1000 }, (_, i) => new Body(`attacker ${i}`))
  for (const body of attackers) budget.reserve(body.client, body, 10)
  expect([visitor.state, attackers.filter(({ state }) => state === 'body_bytes').length]).toEqual(
    ['open', 991]
  )
})

test('a body is evicted itself if only complete bodies could make room', () => {
  const budget = new BodyBudget({ total: TOTAL, perClient: TOTAL })
  const handled = new Body('a')
  budget.reserve('a', handled, TOTAL)
  budget.complete('a', handled)
  const late = new Body('b')
  expect([budget.reserve('b', late, 1), handled.state, late.state]).toEqual([
    false,
    'open',
    'body_bytes'
  ])
})
