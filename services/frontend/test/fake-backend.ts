import { EventEmitter, once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { jest } from '@jest/globals'
import { build, cleanUp, serve } from './helper.ts'

export interface Received {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: string
}
export type Responder = (response: ServerResponse, request: Received) => unknown

/** A message as the backend returns it. */
export const STORED = {
  id: '01a1fc32-1e79-7197-af3b-f83f7078d241',
  name: 'Ann',
  message: 'Hello',
  createdAt: '2026-01-01T12:00:00.000Z'
}

/** Responds with this status and JSON. */
export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Responder =>
    response => {
      const type = status < 400 ? 'application/json' : 'application/problem+json'
      response.writeHead(status, { 'content-type': type, ...headers }).end(JSON.stringify(body))
    }
export const problem = (status: number, headers: Record<string, string> = {}) =>
  json(status, { type: 'urn:x', title: 'X', status, detail: 'INNER WORDS', traceId: 'x' }, headers)
export const raw =
  (status: number, body: string): Responder =>
    response => { response.writeHead(status).end(body) }
/** A page of messages. */
export const pageOf = (messages: object[], nextCursor: string | null = null) =>
  json(200, { messages, nextCursor }, { etag: '"1"' })
export const emptyPage = pageOf([])
/** Responds to posts in this way, and to reads with an empty page. */
export const onPost = (respond: Responder): Responder => (response, request) =>
  (request.method === 'POST' ? respond : emptyPage)(response, request)
/** Closes the connection before a response, like a process that is killed. */
export const hangUp: Responder = response => { response.socket?.destroy() }
/** Closes the connection in the middle of the response. */
export const breakOff: Responder = response => {
  response.writeHead(200, { 'content-length': '1000' }).write('{"messages":', () => {
    response.socket?.destroy()
  })
}
let attempt: AbortController | undefined
/** Never responds. */
export const stall: Responder = () => {
  attempt?.abort(new DOMException('timed out', 'TimeoutError'))
}
/** Times attempts out as soon as the backend stalls them. Returns the timeouts of the attempts. */
export function stubTimeouts (): number[] {
  const timeouts: number[] = []
  const timeout = jest.spyOn(AbortSignal, 'timeout').mockImplementation(ms => {
    timeouts.push(ms)
    attempt = new AbortController()
    return attempt.signal
  })
  cleanUp(() => {
    timeout.mockRestore()
    attempt = undefined
  })
  return timeouts
}

/** A backend with scripted responses. Each request takes the next one; the last one repeats. */
export async function startFakeBackend (...script: Responder[]) {
  const received: Received[] = []
  const events = new EventEmitter()
  let responders = script
  const url = await serve((request, response) => {
    void text(request).then(body => {
      const { method = '', url: path = '', headers } = request
      const respond = responders.length > 1 ? responders.shift() : responders[0]
      const call = { method, path, headers, body }
      received.push(call)
      events.emit('request')
      return respond?.(response, call)
    }, () => { /* the client went away */ })
  })
  return {
    url,
    received,
    /** Replaces the rest of the script. */
    respondWith: (...script: Responder[]) => { responders = script },
    /** Resolves at the next request. */
    request: async () => { await once(events, 'request') }
  }
}

/** A frontend with such a backend. */
export async function buildWithFake (...script: Responder[]) {
  const backend = await startFakeBackend(...script)
  return { ...(await build({ BACKEND_URL: backend.url })), backend }
}
