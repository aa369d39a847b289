/** Parses pages of the frontend. */
const ENTITIES: Record<string, string> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#x27;': "'",
  '&#x60;': '`',
  '&#x3D;': '='
}

const plain = (html = '') => html.replace(/&[#\w]+;/g, entity => ENTITIES[entity] ?? entity)

export function referenceIn (html: string): string {
  const reference = /Reference: <code[^>]*>(\w+)<\/code>/.exec(html)?.[1]
  if (!reference) throw new Error(`This page has no reference:\n${html}`)
  return reference
}

/** The values of the form. */
export function draftIn (html: string): { name: string, message: string } {
  return {
    name: plain(/<input\b(?=[^>]* name="name")[^>]* value="([^"]*)"/.exec(html)?.[1]),
    message: plain(
      /<textarea\b(?=[^>]* name="message")[^>]*>\n?([^<]*)<\/textarea>/.exec(html)?.[1]
    )
  }
}

export interface ShownMessage { id: string, message: string }

/** The messages of a page, in their order. */
export function messagesIn (html: string): ShownMessage[] {
  return [
    ...html.matchAll(/<li\b[^>]* id="m-([\w-]+)".*?<p\b[^>]* class="text"[^>]*>(.*?)<\/p>/gs)
  ].map(([, id = '', message]) => ({ id, message: plain(message) }))
}
