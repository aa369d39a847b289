import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { ROOT } from './helm.ts'
import { MONGODB } from './values-schema/mongodb.ts'
import type { Row } from './values-schema/row.ts'
import { BACKEND, FRONTEND, SERVICE } from './values-schema/services.ts'
import { schemaErrors } from './variants.ts'

const ROWS: Record<string, readonly Row[]> = {
  'guestbook-backend': [...SERVICE, ...BACKEND],
  'guestbook-frontend': [...SERVICE, ...FRONTEND],
  'guestbook-mongodb': MONGODB
}
const CHARTS = Object.keys(ROWS)
const depthOf = (path: string) => path.split('.').length
const isWithin = (path: string, map: string) => path.startsWith(`${map}.`)

/** Errors of each content of each row, by its path. '' if accepted. */
type Errors = Map<string, string[]>

/** The n-th content of every row. */
const variant = (rows: readonly Row[], n: number) => Object.fromEntries(
  rows.flatMap(([path, accepted, rejected]) => {
    const values = [...accepted, ...rejected]
    return n < values.length ? [[path, values[n]]] : []
  })
)

/** Groups of rows that can be checked together: maps by depth, and all other values. */
function groupsOf (rows: readonly Row[]): Row[][] {
  const group = ([path]: Row) => rows.some(([other]) => isWithin(other, path)) ? depthOf(path) : 0
  return Object.values(Object.groupBy(rows, group)).map(rows => rows!)
}

/** Errors of a chart's schema for all rows, by one run of Helm. */
async function errorsOf (chart: string): Promise<Errors> {
  const variants = groupsOf(ROWS[chart]!).flatMap(rows => {
    const max = Math.max(...rows.map(([, accepted, rejected]) => accepted.length + rejected.length))
    return Array.from({ length: max }, (_, n) => ({ rows, n, values: variant(rows, n) }))
  })
  const errors = await schemaErrors(chart, variants.map(({ values }) => values))
  const found: Errors = new Map()
  variants.forEach(({ rows, n }, i) => {
    for (const [path] of rows) {
      const pointer = `- at '/${path.replaceAll('.', '/')}`
      const isAbout = (line: string) => /^['/]/.test(line.split(pointer)[1] ?? '')
      const known = found.get(path) ?? []
      found.set(path, known)
      known[n] = errors[i]!.split('\n').filter(isAbout).join()
    }
  })
  return found
}
const checked = new Map<string, Promise<Errors>>()

test.each(CHARTS.flatMap(
  chart => ROWS[chart]!.map(row => [chart, ...row] as const)
))('%s has its bounds for %s', async (chart, path, accepted, rejected) => {
  const pending = checked.get(chart) ?? errorsOf(chart)
  checked.set(chart, pending)
  const errors = (await pending).get(path)!
  expect([...accepted, ...rejected].map((value, n) => [value, errors[n] && 'rejected'])).toEqual([
    ...accepted.map(value => [value, '']), ...rejected.map(value => [value, 'rejected'])
  ])
})

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>
  readonly definitions?: Readonly<Record<string, Schema>>
  readonly $ref?: string
}

/** Paths of all values in a schema, including maps. */
function pathsOf (schema: Schema, root = schema, path = ''): string[] {
  const name = schema.$ref?.replace('#/definitions/', '')
  const { properties = {} } = name === undefined ? schema : root.definitions![name]!
  return Object.entries(properties).flatMap(([key, value]) =>
    [`${path}${key}`, ...pathsOf(value, root, `${path}${key}.`)])
}

test.each(CHARTS)('every value that the schema of %s names has its bounds here', chart => {
  const text = readFileSync(`${ROOT}charts/${chart}/values.schema.json`, 'utf8')
  const paths = ROWS[chart]!.map(([path]) => path)
  expect(paths.sort()).toEqual(pathsOf(JSON.parse(text) as Schema).sort())
})
