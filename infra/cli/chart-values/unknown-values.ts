import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Paths of all values that are no maps. */
export function pathsOf (values: unknown, path = ''): string[] {
  if (!isMap(values)) return [path]
  return Object.entries(values).flatMap(([key, inner]) =>
    pathsOf(inner, path ? `${path}/${key}` : key)
  )
}

/** The default values of a chart, with those of its subcharts below their names. */
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

/** The text of a chart's templates and values.yaml. */
export const sourcesOf = (folder: string): string =>
  globSync(['**/templates/**/*.{yaml,tpl}', '**/values.yaml'], { cwd: folder })
    .map(file => readFileSync(join(folder, file), 'utf8'))
    .join('\n')

/**
 * Values that a chart does not have. A chart accepts everything below an empty map or null. Some
 * values appear only in its templates, or as comments in its values.yaml.
 * @param sources the text of the chart, to find these
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
