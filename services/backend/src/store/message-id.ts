import { parse, v7 as uuidv7 } from 'uuid'

/** The sequence of an id has 32 bits. */
const MAX_SEQUENCE = 0xffff_ffff

/**
 * A UUID version 7 above `newest`, the highest stored id. It contains the time, or if `newest` is
 * ahead of this computer's clock, increments `newest` (a hybrid logical clock). So a message never
 * sorts below an earlier one, even if clocks differ.
 */
export function nextMessageId (newest: string | undefined, now = Date.now()): string {
  if (newest === undefined) return uuidv7({ msecs: now })
  const { msecs, sequence } = clockOf(newest)
  if (now > msecs) return uuidv7({ msecs: now })
  return sequence < MAX_SEQUENCE
    ? uuidv7({ msecs, seq: sequence + 1 })
    : uuidv7({ msecs: msecs + 1, seq: 0 })
}

/** Ids sort by milliseconds, then by sequence (RFC 9562 section 6.2, method 1). */
function clockOf (id: string): { msecs: number, sequence: number } {
  const bytes = Buffer.from(parse(id))
  const sequence =
    (bytes.readUInt16BE(6) & 0x0fff) * 2 ** 20 + ((bytes.readUIntBE(8, 3) >> 2) & 0xf_ffff)
  return { msecs: bytes.readUIntBE(0, 6), sequence }
}
