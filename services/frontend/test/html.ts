/** Parses pages. */
const ENTITIES: Record<string, string> = {
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#x27;': "'",
  '&#x3D;': '=',
  '&#x60;': '`',
  '&amp;': '&'
}
const unescape = (html: string) =>
  html.replace(/&(?:lt|gt|quot|amp|#x27|#x3D|#x60);/g, entity => ENTITIES[entity] ?? entity)
const one = (html: string, pattern: RegExp) => {
  const found = pattern.exec(html)?.[1]
  return found === undefined ? undefined : unescape(found)
}

export function messagesOn (
  html: string
): Array<{ id: string; name: string; at: string; message: string }> {
  const entry = new RegExp(
    '<li id="m-([^"]+)"[^>]*>\\s*<article>\\s*<h3[^>]*>(.*?)</h3>' +
    '.*?<time datetime="([^"]+)">.*?<p class="text"[^>]*>(.*?)</p>', 'gs'
  )
  return [...html.matchAll(entry)].map(([, id = '', name = '', at = '', message = '']) => ({
    id,
    name: unescape(name),
    at,
    message: unescape(message)
  }))
}

/** The content of a message page; undefined for another page. */
export function messagePageOn (html: string) {
  const entry = new RegExp(
    '<div id="m-([^"]+)" class="message">\\s*<article>\\s*<h1[^>]*>(.*?)</h1>' +
    '\\s*<p class="when"><a href="([^"]+)"><time datetime="([^"]+)">' +
    '.*?<p class="text"[^>]*>(.*?)</p>', 's'
  ).exec(html)
  if (!entry) return undefined
  const [, id, name = '', url, at, message = ''] = entry
  const meta = [
    ...html.matchAll(/<meta (?:name|property)="(og:[a-z_]+|description)" content="([^"]*)">/g)
  ]
  return {
    id,
    name: unescape(name),
    url,
    at,
    message: unescape(message),
    title: one(html, /<title>(.*?)<\/title>/s),
    canonical: one(html, /<link rel="canonical" href="([^"]*)">/),
    meta: Object.fromEntries(meta.map(([, key = '', value = '']) => [key, unescape(value)]))
  }
}

/** The form with its draft and errors; undefined for a page without a form. */
export function formOn (html: string) {
  if (!html.includes('<form method="post" action="/"')) return undefined
  return {
    name: one(html, /<input id="name"[^>]* value="([^"]*)"/),
    message: one(html, /<textarea [^>]*>\n(.*?)<\/textarea>/s), // HTML drops the first newline
    errors: {
      name: one(html, /<p id="name-error"[^>]*>(.*?)<\/p>/s),
      message: one(html, /<p id="message-error"[^>]*>(.*?)<\/p>/s)
    },
    alert: alertOn(html)
  }
}

export const alertOn = (html: string) => one(html, /role="alert"[^>]*>\s*<p>(.*?)<\/p>/s)
export const referenceOn = (html: string) => one(html, /Reference: <code>(.*?)<\/code>/)
export const asOfOn = (html: string) =>
  one(html, /Shown as of <time datetime="[^"]+">(.*?)<\/time>/)
export const olderOn = (html: string) => one(html, /<a href="([^"]+)" rel="next">/)
export const titleOn = (html: string) => one(html, /<h1[^>]*>(.*?)<\/h1>/s)
