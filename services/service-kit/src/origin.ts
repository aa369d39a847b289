/**
 * The origin of an http or https URL that has nothing else, in one notation: without default port, in
 * lower case, punycode, and without the dot that may end a name. Undefined for anything else.
 */
export function originOf (text: string): string | undefined {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`) return undefined
  return url.origin.replace(/\.(?=:\d+$|$)/, '')
}

const entriesOf = (list: string): string[] => list.split(',').map(entry => entry.trim())

/** Whether each entry of a list separated by commas is an origin. */
export const isOriginList = (list: string): boolean =>
  entriesOf(list).every(entry => originOf(entry) !== undefined)

/** The origins of such a list, as `originOf` writes them. */
export const originsOf = (list: string): string[] =>
  entriesOf(list).flatMap(entry => originOf(entry) ?? [])
