import { createHash } from 'node:crypto'
import type { NewMessage } from '../store/message-store.ts'

/** The idempotency key of a normalised message within a scope (Idempotency-Scope). */
export function scopedKey (scope: string, { name, message }: NewMessage): string {
  return createHash('sha256').update(JSON.stringify([scope, name, message])).digest('base64url')
}
