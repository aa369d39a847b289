import type { FastifyReply } from 'fastify'

/** Status of a request whose client went away before the answer was complete; it is nobody's error and no success. */
const CLIENT_CLOSED_REQUEST = 499

/** Calls back once, with the status that was answered, or 499. Fastify's onResponse never comes for a client that went away. */
export function onRequestFinished (reply: FastifyReply, callback: (statusCode: number) => void): void {
  let isAnswered = false
  reply.raw.once('finish', () => {
    isAnswered = true
    callback(reply.statusCode)
  })
  reply.raw.once('close', () => {
    if (!isAnswered) callback(CLIENT_CLOSED_REQUEST)
  })
}
