/**
 * The canonical form of an http or https origin: lower case, punycode, without default port and
 * without a trailing dot. Undefined for anything else.
 */
export function originOf (text: string): string | undefined {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`) return undefined
  return url.origin.replace(/\.(?=:\d+$|$)/, '')
}

/** The entries of a comma-separated list. */
export const entriesOf = (list: string): string[] => list.split(',').map(entry => entry.trim())

/** Whether each entry of a comma-separated list is an origin. */
export const isOriginList = (list: string): boolean =>
  entriesOf(list).every(entry => originOf(entry) !== undefined)

/** The canonical origins of such a list. */
export const originsOf = (list: string): string[] =>
  entriesOf(list).flatMap(entry => originOf(entry) ?? [])
