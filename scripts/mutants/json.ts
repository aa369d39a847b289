import type { Edit } from './mutant.ts'
import { slipOf } from './mutant.ts'

/** Mutants of JSON with one property on each line. */
export function jsonEdits (text: string): Edit[] {
  return [
    ...text.matchAll(/"(?<key>[^"]+)":\s*(?<value>true|false|-?\d+(?:\.\d+)?|"[^"]*")/g)
  ].flatMap(match => {
    const { key = '', value = '' } = match.groups!
    if (key === 'description' || key === 'title' || key.startsWith('$')) return []
    const end = match.index + match[0].length
    const replace = (operator: string, replacement: string): Edit => ({
      operator,
      start: end - value.length,
      end,
      replacement
    })
    const dropped = [dropOf(text, match.index, end)]
    if (/^(true|false)$/.test(value)) {
      return [...dropped, replace('flip boolean', String(value === 'false'))]
    }
    if (/^-?\d/.test(value)) return [...dropped, replace('change number', slipOf(value))]
    return dropped
  })
}

/** Removes a property with the comma after it, or before it. */
function dropOf (text: string, start: number, end: number): Edit {
  const after = /^\s*,\s*/.exec(text.slice(end))?.[0].length ?? 0
  const before = after > 0 ? 0 : /,?\s*$/.exec(text.slice(0, start))![0].length
  return { operator: 'drop property', start: start - before, end: end + after, replacement: '' }
}
