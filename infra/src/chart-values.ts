/** Whether a chart knows the values that it is given: a chart without a schema takes anything, and does nothing with it. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Paths of all values, down to what is no map any more. */
export function pathsOf (values: unknown, path = ''): string[] {
  if (!isMap(values)) return [path]
  return Object.entries(values).flatMap(([key, inner]) =>
    pathsOf(inner, path ? `${path}/${key}` : key)
  )
}

/** The chart's own values over those of its subcharts, which stand below their names. */
export function defaultsOf (folder: string): Record<string, unknown> {
  const read = (file: string) =>
    existsSync(join(folder, file)) ? (parse(readFileSync(join(folder, file), 'utf8')) ?? {}) : {}
  const own: Record<string, unknown> = read('values.yaml')
  const dependencies: Array<{ name: string; alias?: string }> =
    read('Chart.yaml').dependencies ?? []
  const below = dependencies.filter(({ name }) => existsSync(join(folder, 'charts', name)))
    .map(({ name, alias }) => [alias ?? name, defaultsOf(join(folder, 'charts', name))])
  return merge(Object.fromEntries(below), own)
}

function merge (
  below: Record<string, unknown>,
  above: Record<string, unknown>
): Record<string, unknown> {
  const merged = { ...below }
  for (const [key, value] of Object.entries(above)) {
    merged[key] = isMap(below[key]) && isMap(value) ? merge(below[key], value) : value
  }
  return merged
}

/** All that the chart's templates read and its values.yaml shows as an example, as text. */
export const sourcesOf = (folder: string): string =>
  globSync(['**/templates/**/*.{yaml,tpl}', '**/values.yaml'], { cwd: folder })
    .map(file => readFileSync(join(folder, file), 'utf8'))
    .join('\n')

/**
 * Values that a chart has no place for. Below an empty map or nothing, a chart takes what it is given; and some that
 * its templates read are in its values.yaml as comments or not at all.
 * @param sources text of the chart in which such a value is looked for
 */
export function unknownValues (
  values: unknown,
  defaults: unknown,
  sources = '',
  path = ''
): string[] {
  if (!isMap(values) || !isMap(defaults) || Object.keys(defaults).length === 0) return []
  return Object.entries(values).flatMap(([key, inner]) => {
    const at = path ? `${path}/${key}` : key
    if (key in defaults) return unknownValues(inner, defaults[key], sources, at)
    return new RegExp(`(\\.|"|# *|^ *)${key}\\b`, 'm').test(sources) ? [] : [at]
  })
}
