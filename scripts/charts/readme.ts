/** The table of values in a chart's README, made from the `# --` comments of values.yaml. */
import { isMap, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml'
import { table, withGenerated } from '../generated.ts'

export interface DocumentedValue {
  /** Path in dots, such as `image.tag`. */
  readonly path: string
  readonly meaning: string
  readonly default: unknown
}

const PREFIX = '-- '

/** @throws Error when a value has no `# --` comment of its own nor one above it. */
export function documentedValues (yaml: string): DocumentedValue[] {
  const { contents } = parseDocument(yaml)
  if (!isMap(contents)) throw new Error('values.yaml must be a map')
  return valuesOf(contents as YAMLMap, [])
}

function valuesOf (map: YAMLMap, above: string[]): DocumentedValue[] {
  // The parser hands the comment above a map's first key to the map.
  return (map.items as Array<Pair>).flatMap((pair, index) => {
    const key = isScalar(pair.key) ? String(pair.key.value) : String(pair.key)
    const comment =
      (isScalar(pair.key) && pair.key.commentBefore) ||
      (index === 0 ? map.commentBefore : undefined)
    const path = [...above, key]
    const meaning = meaningOf(comment ?? '')
    if (meaning) return [{ path: path.join('.'), meaning, default: toPlain(pair.value) }]
    if (isMap(pair.value) && pair.value.items.length > 0) {
      return valuesOf(pair.value as YAMLMap, path)
    }
    throw new Error(`${path.join('.')} has no "# ${PREFIX}" comment`)
  })
}

function meaningOf (comment: string): string {
  const lines = comment.split('\n').map(line => line.trim())
  const first = lines.findLastIndex(line => line.startsWith(PREFIX))
  return first < 0 ? '' : lines.slice(first).join(' ').slice(PREFIX.length)
}

function toPlain (node: unknown): unknown {
  return (node as { toJSON?: () => unknown } | null)?.toJSON?.() ?? null
}

/** README.md of a chart, with the table of the values in `valuesYaml`. */
export function readmeOf (chart: string, valuesYaml: string): string {
  const cell = (text: string) => text.replaceAll('|', '\\|')
  const rows = documentedValues(valuesYaml).map(({ path, meaning, default: value }) =>
    [`\`${path}\``, cell(meaning), `\`${cell(JSON.stringify(value))}\``])
  return withGenerated(`charts/${chart}/README.md`, 'values.yaml', 'charts',
    table(['value', 'meaning', 'default'], rows))
}
