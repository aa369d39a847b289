import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { ignoreFurtherRequests } from './connections.ts'

/** How long the client may take to read its answer while it still sends. */
const LINGER_MS = 2000
/** How much it may still send. */
const LINGER_BYTES = 1024 * 1024
/** A tiny piece costs as much as this many bytes. */
const PIECE_BYTES = 1024

/**
 * Lets a client read the answer to a request whose body it still sends. Closing at once would reset
 * the connection, and the client's system would drop the answer (RFC 9112 section 9.6). So the
 * service ends its own direction after the answer, discards what comes, and then closes. The answer
 * must have the header `Connection: close`.
 */
export function closeAfterAnswer (request: IncomingMessage): void {
  const { socket } = request
  ignoreFurtherRequests(socket)
  let left = LINGER_BYTES
  let isAnswered = false
  request.on('data', (chunk: Buffer) => {
    left -= Math.max(chunk.length, PIECE_BYTES)
    if (left >= 0) return
    if (isAnswered) socket.destroy()
    else request.pause()
  })
  // Node calls this when the answer is out.
  socket.destroySoon = () => {
    isAnswered = true
    if (request.complete || left < 0) {
      Socket.prototype.destroySoon.call(socket)
      return
    }
    socket.end()
    request.once('end', () => { socket.destroy() })
    const timer = setTimeout(() => { socket.destroy() }, LINGER_MS)
    socket.once('close', () => { clearTimeout(timer) })
  }
}
