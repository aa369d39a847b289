/** Writes the table of values in each chart's README from the `# --` comments of values.yaml; --check only tells whether it is current. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { isMap, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml'

export interface DocumentedValue {
  /** Path in dots, such as `image.tag`. */
  readonly path: string
  readonly meaning: string
  readonly default: unknown
}

const MARK = '-- '
const START = '<!-- Generated from values.yaml by `make charts`. -->'
const END = '<!-- End of the generated part. -->'
export const CHARTS = fileURLToPath(new URL('../charts/', import.meta.url))

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
    throw new Error(`${path.join('.')} has no "# ${MARK}" comment`)
  })
}

function meaningOf (comment: string): string {
  const lines = comment.split('\n').map(line => line.trim())
  const first = lines.findLastIndex(line => line.startsWith(MARK))
  return first < 0 ? '' : lines.slice(first).join(' ').slice(MARK.length)
}

function toPlain (node: unknown): unknown {
  return (node as { toJSON?: () => unknown } | null)?.toJSON?.() ?? null
}

function table (values: DocumentedValue[]): string {
  const cell = (text: string) => text.replaceAll('|', '\\|')
  const rows = values.map(
    value =>
      `| \`${value.path}\` | ${cell(value.meaning)} | \`${cell(JSON.stringify(value.default))}\` |`
  )
  return `| value | meaning | default |\n|---|---|---|\n${rows.join('\n')}\n`
}

/** The chart's README with the table as it should be. */
export function currentReadme (chart: string): string {
  const readme = readFileSync(`${CHARTS}${chart}/README.md`, 'utf8')
  const values = documentedValues(readFileSync(`${CHARTS}${chart}/values.yaml`, 'utf8'))
  const [before, after] = [readme.indexOf(START), readme.indexOf(END)]
  if (before < 0 || after < before) {
    throw new Error(`charts/${chart}/README.md needs the lines ${START} and ${END}`)
  }
  return `${readme.slice(0, before)}${START}\n\n${table(values)}\n${readme.slice(after)}`
}

if (import.meta.main) {
  for (const chart of readdirSync(CHARTS).filter(name =>
    existsSync(`${CHARTS}${name}/values.yaml`)
  )) {
    const file = `${CHARTS}${chart}/README.md`
    if (!process.argv.includes('--check')) writeFileSync(file, currentReadme(chart))
    else if (readFileSync(file, 'utf8') !== currentReadme(chart)) {
      console.error(
        `charts/${chart}/README.md is stale: run \`make charts\` and commit the result.`
      )
      process.exitCode = 1
    }
  }
}
