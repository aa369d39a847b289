import { parse, v7 as uuidv7 } from 'uuid'

/** Of the sequence in an id, 32 bits. */
const MAX_SEQUENCE = 0xffff_ffff

/**
 * An id (UUID version 7) for a message that is about to be stored, above `newest`, the highest one
 * that is stored already. It holds the time, unless `newest` is ahead of this computer's clock: then
 * it counts on from `newest` (a hybrid logical clock). So the order of messages survives clocks that
 * differ, and a message never sorts below one that existed when it was written.
 */
export function nextMessageId (newest: string | undefined, now = Date.now()): string {
  if (newest === undefined) return uuidv7({ msecs: now })
  const { msecs, sequence } = clockOf(newest)
  if (now > msecs) return uuidv7({ msecs: now })
  return sequence < MAX_SEQUENCE
    ? uuidv7({ msecs, seq: sequence + 1 })
    : uuidv7({ msecs: msecs + 1, seq: 0 })
}

/** What orders ids: the milliseconds, then the sequence (RFC 9562 section 6.2, method 1). */
function clockOf (id: string): { msecs: number, sequence: number } {
  const bytes = Buffer.from(parse(id))
  const sequence =
    (bytes.readUInt16BE(6) & 0x0fff) * 2 ** 20 + ((bytes.readUIntBE(8, 3) >> 2) & 0xf_ffff)
  return { msecs: bytes.readUIntBE(0, 6), sequence }
}
