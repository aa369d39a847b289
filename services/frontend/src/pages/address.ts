/** An id as every message has one, in its canonical form (RFC 9562 section 4). */
const MESSAGE_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Where a message is found for as long as visitors may see it. */
export const messagePath = (id: string) => `/messages/${id}`

/** The canonical form of an id, or undefined for what no message can have. */
export function canonicalId (id: string): string | undefined {
  const canonical = id.toLowerCase()
  return MESSAGE_ID.test(canonical) ? canonical : undefined
}
