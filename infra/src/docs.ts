/** The generated tables of docs/reference: deployment settings and versions. */
import { components } from './components.ts'
import { Settings } from './config/schema.ts'

interface Schema {
  readonly description?: string
  readonly default?: unknown
  readonly const?: string
  readonly enum?: readonly unknown[]
  readonly type?: string
  readonly oneOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
}

const code = (value: unknown) => `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``

/** One row for each setting, variants one after the other. */
function rows (schema: Schema, path: string): string[] {
  const { oneOf, properties, description } = schema
  if (oneOf) return oneOf.flatMap(variant => rows(variant, path))
  if (properties && !description) {
    return Object.entries(properties).flatMap(([name, inner]) =>
      rows(inner, path ? `${path}.${name}` : name)
    )
  }
  if (schema.const) return [`| \`${path}: ${schema.const}\` | ${description} | |`]
  const values = schema.enum ? ` One of ${schema.enum.map(code).join(', ')}.` : ''
  const byDefault = schema.default === undefined ? '' : `\`${JSON.stringify(schema.default)}\``
  return [`| \`${path}\` | ${description}${values} | ${byDefault} |`]
}

export const settingsTable = (): string =>
  [
    '| setting | meaning | default |',
    '|---|---|---|',
    ...rows(Settings, '')
  ].join('\n')

export const componentsTable = (): string =>
  [
    '| component | kind | source | version | end of life | successor, notes |',
    '|---|---|---|---|---|---|',
    ...components.map(({ name, kind, source, version, endOfLife, successor, note }) => {
      const notes = [successor, note].filter(Boolean).join(' ')
      const end = endOfLife ?? 'not announced'
      return `| ${name} | ${kind} | \`${source}\` | ${version} | ${end} | ${notes} |`
    })
  ].join('\n')
