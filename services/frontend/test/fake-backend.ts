import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { jest } from '@jest/globals'
import { cleanUp } from './helper.ts'

export interface Received {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: string
}
export type Answer = (response: ServerResponse, request: Received) => unknown

export const EMPTY_PAGE = { messages: [], nextCursor: null }

/** An answer with this status and JSON. */
export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
    response => {
      response
        .writeHead(status, {
          'content-type': status < 400 ? 'application/json' : 'application/problem+json',
          ...headers
        })
        .end(JSON.stringify(body))
    }
export const problem = (status: number, headers: Record<string, string> = {}) =>
  json(
    status,
    { type: 'urn:x', title: 'X', status, detail: 'INNER WORDS', traceId: 'x' },
    headers
  )
export const raw =
  (status: number, body: string): Answer =>
    response => {
      response.writeHead(status).end(body)
    }
/** The connection breaks before an answer, as when a process is killed. */
export const hangUp: Answer = response => { response.socket?.destroy() }
/** The connection breaks in the middle of the answer. */
export const breakOff: Answer = response => {
  response.writeHead(200, { 'content-length': '1000' }).write('{"messages":', () => {
    response.socket?.destroy()
  })
}
let attempt: AbortController | undefined
/** No answer, ever. */
export const stall: Answer = () => {
  attempt?.abort(new DOMException('out of time', 'TimeoutError'))
}
/** Attempts run out of time when the backend stalls them, and not before they arrive there; returns how long each would have had. */
export function hurry (): number[] {
  const asked: number[] = []
  const timeout = jest.spyOn(AbortSignal, 'timeout').mockImplementation(ms => {
    asked.push(ms)
    attempt = new AbortController()
    return attempt.signal
  })
  cleanUp(() => {
    timeout.mockRestore()
    attempt = undefined
  })
  return asked
}

/** A backend that answers as told: each request takes the next answer, the last one goes on. */
export async function startFakeBackend (...script: Answer[]) {
  const received: Received[] = []
  const events = new EventEmitter()
  let answers = script
  const server = createServer((request, response) => {
    void text(request).then(body => {
      const { method = '', url: path = '', headers } = request
      const answer = answers.length > 1 ? answers.shift() : answers[0]
      const call = { method, path, headers, body }
      received.push(call)
      events.emit('request')
      return answer?.(response, call)
    }, () => { /* the client went away */ })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUp(() => { server.close(); server.closeAllConnections() })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    /** Takes the place of the rest of the script. */
    answerWith: (...script: Answer[]) => { answers = script },
    /** Resolves at the next request. */
    request: async () => { await once(events, 'request') }
  }
}
