import type { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { ignoreFurtherRequests } from './connections.ts'

/** Time for a client that still sends to read its response. */
const LINGER_MS = 2000
/** Bytes that it may still send. */
const LINGER_BYTES = 1024 * 1024
/** A chunk counts as at least this many bytes, as tiny chunks cost time. */
const MIN_CHUNK_BYTES = 1024

/**
 * Lets a client read the response to a request whose body it still sends. Closing at once would
 * reset the connection, and the client's system would drop the response (RFC 9112 section 9.6). So
 * the service half-closes after the response, discards received data, and closes later. The
 * response must have the header `Connection: close`.
 *
 * It overrides Node's undocumented `destroySoon`, as there is no public hook between the response
 * and the close. The abuse case `oversized` needs it: it accepts no outcome but 413 and 431.
 */
export function closeAfterResponse (request: IncomingMessage): void {
  const { socket } = request
  ignoreFurtherRequests(socket)
  let left = LINGER_BYTES
  let isResponded = false
  request.on('data', (chunk: Buffer) => {
    left -= Math.max(chunk.length, MIN_CHUNK_BYTES)
    if (left >= 0) return
    if (isResponded) socket.destroy()
    else request.pause()
  })
  // Node calls it after the last byte of the response.
  socket.destroySoon = () => {
    isResponded = true
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
