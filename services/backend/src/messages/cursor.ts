import { invalidInput } from '@guestbook/service-kit'

/** Base64 makes cursors opaque, so that their content can change. */
const CURSOR = /^older:([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})$/

export function cursorAfter (id: string): string {
  return Buffer.from(`older:${id}`).toString('base64url')
}

/**
 * The id before which the page starts.
 * @throws ProblemError for anything that `cursorAfter` did not create
 */
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
