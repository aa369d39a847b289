/** A dead man's switch as such services offer it: it pages by itself when the heartbeat stays away, and resolves when it is back. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { request } from 'undici'
import type { PagerDutyEvent } from './pagerduty.ts'

export interface Heartbeat {
  url: string
  /** Heartbeats so far. */
  beats: number
  /** Nothing arrives while true, as when the way out of the cluster is broken. */
  unreachable: boolean
  close: () => void
}

export const HEARTBEAT_PAGE = 'Heartbeat missing'

/** How long the heartbeat may stay away, in production. */
export const HEARTBEAT_PATIENCE = '5m'

export async function startHeartbeat (
  pagerDutyUrl: string,
  integrationKey: string,
  patienceSeconds: number,
  address = '127.0.0.1'
): Promise<Heartbeat> {
  let last: number | undefined
  let missing = false
  const server = createServer((incoming, response) => {
    incoming.resume().once('end', () => {
      if (heartbeat.unreachable) {
        response.destroy()
        return
      }
      last = Date.now()
      heartbeat.beats++
      response.end('ok')
    })
  })
  const tell = async (action: 'trigger' | 'resolve') => {
    const event: PagerDutyEvent = {
      routing_key: integrationKey,
      dedup_key: 'guestbook-heartbeat',
      event_action: action,
      payload: {
        summary: 'The heartbeat of alerting stays away',
        source: "dead man's switch",
        severity: 'critical',
        class: HEARTBEAT_PAGE,
        component: 'alerting'
      }
    }
    await (
      await request(pagerDutyUrl, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(event)
      })
    ).body.dump()
  }
  // Like every such service it begins to watch with the first heartbeat.
  const timer = setInterval(() => {
    const isMissing = last !== undefined && Date.now() - last > patienceSeconds * 1000
    if (isMissing === missing) return
    missing = isMissing
    void tell(isMissing ? 'trigger' : 'resolve')
  }, 200)
  server.listen(0, address)
  await once(server, 'listening')
  const heartbeat: Heartbeat = {
    url: `http://${address}:${(server.address() as AddressInfo).port}/`,
    beats: 0,
    unreachable: false,
    close: () => {
      clearInterval(timer)
      server.closeAllConnections()
      server.close()
    }
  }
  return heartbeat
}
