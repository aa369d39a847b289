/** A dead man's switch: it pages when the heartbeat stops, and resolves when it is back. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { PagerDutyEvent } from './pagerduty.ts'

export interface Heartbeat {
  url: string
  /** Heartbeats so far. */
  beats: number
  /** Simulates a broken connection to the switch. */
  unreachable: boolean
  close: () => void
}

export const HEARTBEAT_PAGE = 'Heartbeat missing'

/** Production time without a heartbeat until the page. */
export const HEARTBEAT_TIMEOUT = '5m'

export async function startHeartbeat (
  pagerDutyUrl: string,
  integrationKey: string,
  timeoutSeconds: number,
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
  const send = async (action: 'trigger' | 'resolve') => {
    const event: PagerDutyEvent = {
      routing_key: integrationKey,
      dedup_key: 'guestbook-heartbeat',
      event_action: action,
      payload: {
        summary: 'The heartbeat of alerting is missing',
        source: "dead man's switch",
        severity: 'critical',
        class: HEARTBEAT_PAGE,
        component: 'alerting'
      }
    }
    await fetch(pagerDutyUrl, { method: 'POST', body: JSON.stringify(event) })
  }
  // The first heartbeat starts the watch.
  const timer = setInterval(() => {
    const isMissing = last !== undefined && Date.now() - last > timeoutSeconds * 1000
    if (isMissing === missing) return
    missing = isMissing
    void send(isMissing ? 'trigger' : 'resolve')
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
