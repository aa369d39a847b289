import type { FastifyReply } from 'fastify'

/** nginx's status for a client that disconnected before the response was complete. */
const CLIENT_CLOSED_REQUEST = 499

/**
 * Calls back once, with the status of the response, or 499 if the client disconnected first.
 * Fastify's onResponse does not run in that case.
 */
export function onRequestFinished (
  reply: FastifyReply, callback: (statusCode: number) => void
): void {
  let isFinished = false
  reply.raw.once('finish', () => {
    isFinished = true
    callback(reply.statusCode)
  })
  reply.raw.once('close', () => {
    if (!isFinished) callback(CLIENT_CLOSED_REQUEST)
  })
}
