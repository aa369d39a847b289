/** A message id in its canonical form (RFC 9562 section 4). */
const MESSAGE_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The permanent path of a message. */
export const messagePath = (id: string) => `/messages/${id}`

/** The id in lower case; undefined for a malformed id. */
export function canonicalId (id: string): string | undefined {
  const canonical = id.toLowerCase()
  return MESSAGE_ID.test(canonical) ? canonical : undefined
}
