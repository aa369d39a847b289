import { invalidInput } from '@guestbook/service-kit'

/** Opaque to clients, so that what a page starts from can change without breaking them. */
const CURSOR = /^older:([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})$/

export function cursorAfter (id: string): string {
  return Buffer.from(`older:${id}`).toString('base64url')
}

/** The id before which the page starts. Throws invalid input for anything `cursorAfter` did not make. */
export function parseCursor (cursor: string): string {
  const id = CURSOR.exec(Buffer.from(cursor, 'base64url').toString('latin1'))?.[1]
  if (id === undefined || cursorAfter(id) !== cursor) {
    throw invalidInput([
      {
        parameter: 'cursor',
        detail: 'is not a valid cursor; omit it to start with the newest message'
      }
    ])
  }
  return id
}
