import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { PagerDuty, type PagerDutyEvent } from './pagerduty.ts'

const EVENT: PagerDutyEvent = {
  routing_key: '0123456789abcdef0123456789abcdef',
  dedup_key: 'one',
  event_action: 'trigger',
  payload: { summary: 'No frontend answers', source: 'guestbook', severity: 'critical' },
  client_url: 'https://runbooks.example/frontend-down.md',
  links: [{ href: 'https://grafana.example/' }]
}

let pagerDuty: PagerDuty
let url: string
beforeEach(async () => {
  pagerDuty = new PagerDuty()
  url = await pagerDuty.listen()
})
afterEach(async () => { await pagerDuty.close() })

async function send (event: unknown, to = url) {
  const answer = await fetch(to, {
    method: 'POST',
    body: typeof event === 'string' ? event : JSON.stringify(event)
  })
  return {
    status: answer.status,
    body: (await answer.json()) as { errors?: string[]; dedup_key?: string }
  }
}

test('a valid event is accepted and stored', async () => {
  expect(await send(EVENT)).toMatchObject({ status: 202, body: { dedup_key: 'one' } })
  expect(pagerDuty.arrivals).toEqual([{ event: EVENT, at: expect.any(Number) }])
})

test.each<[what: string, event: unknown, error: string]>([
  ['text', 'not JSON', 'routing_key'],
  ['a short key', { ...EVENT, routing_key: 'abc' }, 'routing_key must have 32 characters'],
  ['an unknown action', { ...EVENT, event_action: 'fire' }, 'event_action must be'],
  [
    'a resolve without the incident',
    { ...EVENT, event_action: 'resolve', dedup_key: undefined },
    'dedup_key'
  ],
  ['a long dedup key', { ...EVENT, dedup_key: 'x'.repeat(256) }, 'dedup_key'],
  ['a trigger without payload', { ...EVENT, payload: undefined }, 'payload is needed'],
  ['no summary', { ...EVENT, payload: { ...EVENT.payload, summary: '' } }, 'payload.summary'],
  [
    'a long summary',
    { ...EVENT, payload: { ...EVENT.payload, summary: 'x'.repeat(1025) } },
    'payload.summary'
  ],
  ['no source', { ...EVENT, payload: { ...EVENT.payload, source: undefined } }, 'payload.source'],
  [
    'an unknown severity',
    { ...EVENT, payload: { ...EVENT.payload, severity: 'page' } },
    'payload.severity must be one of'
  ],
  ['an invalid URL', { ...EVENT, client_url: 'frontend-down.md' }, 'client_url'],
  ['a link without address', { ...EVENT, links: [{ text: 'runbook' }] }, 'href']
])('%s is rejected', async (_what, event, error) => {
  expect(await send(event)).toEqual({
    status: 400,
    body: expect.objectContaining({
      errors: expect.arrayContaining([expect.stringContaining(error)])
    })
  })
  expect(pagerDuty.arrivals).toEqual([])
})

test('another path is rejected', async () => {
  expect(await send(EVENT, url.replace('enqueue', 'alerts'))).toMatchObject({ status: 400 })
})
