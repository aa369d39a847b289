import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import {
  helm, KUBERNETES, nested, objectsOf, ROOT, type Json, type KubeObject, type Output
} from './helm.ts'

/** Name of a subchart, unique in the output of Helm. */
const partName = (n: number) => `variant-${String(n).padStart(4, '0')}-part`
const PART = /variant-(\d{4})-part/g
/** Begins an object of a subchart in the output of Helm. */
const SOURCE = /^---\n# Source: variants\/charts\/variant-(\d{4})-part\/.*\n/m
/** Helm warns of maps in place of scalars and vice versa; the schema rejects them. */
const WARNINGS = /^coalesce\.go:.*\n/gm
/** Begins the errors of a subchart. */
const ERRORS = /^variant-(\d{4})-part:\n/m

/** Output of one run of Helm, with a subchart for each of these values. */
async function templateParts (
  chart: string, name: string, variants: readonly Json[]
): Promise<Output> {
  const folder = mkdtempSync(`${tmpdir()}/variants-`)
  try {
    mkdirSync(`${folder}/charts`)
    cpSync(`${ROOT}charts/${chart}`, `${folder}/charts/${chart}`, { recursive: true })
    const dependencies = variants.map((_, n) => ({ name: chart, version: '*', alias: partName(n) }))
    const parts = { apiVersion: 'v2', name: 'variants', version: '0.0.0', dependencies }
    writeFileSync(`${folder}/Chart.yaml`, JSON.stringify(parts))
    const values = Object.fromEntries(variants.map((values, n) => [partName(n), nested(values)]))
    const options = ['--namespace', 'guestbook', '--kube-version', KUBERNETES, '--values', '-']
    return await helm(['template', name, folder, ...options], JSON.stringify(values))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Texts by the number of their subchart, whose name is replaced by the chart's. */
function byPart (text: string, separator: RegExp, chart: string, parts: number): string[] {
  const texts = Array.from({ length: parts }, () => '')
  const [, ...pieces] = text.split(separator)
  for (let i = 0; i < pieces.length; i += 2) {
    texts[Number(pieces[i])] += `---\n${pieces[i + 1]!.replaceAll(PART, chart)}`
  }
  return texts
}

/** Manifests of a chart with each of these values, by paths in dots. */
export async function renderTexts (
  chart: string, variants: readonly Json[], name = 'gb'
): Promise<string[]> {
  const { status, stdout, stderr } = await templateParts(chart, name, variants)
  if (status !== 0) throw new Error(stderr)
  return byPart(stdout, SOURCE, chart, variants.length)
}

/** Errors of the chart's schema for each of these values; '' if it accepts them. */
export async function schemaErrors (chart: string, variants: readonly Json[]): Promise<string[]> {
  const { stderr } = await templateParts(chart, 'gb', variants)
  const errors = stderr.replace(WARNINGS, '')
  if (!/^($|Error: values don't meet the specifications of the schema)/.test(errors)) {
    throw new Error(stderr)
  }
  return byPart(errors, ERRORS, chart, variants.length)
}

const tables = new WeakMap<readonly unknown[], Map<string, Promise<KubeObject[][]>>>()

/** Rows that begin with values. */
export type Table = ReadonlyArray<readonly [values: Json, ...unknown[]]>

/** Objects with the values of one row of a table. One run of Helm renders all its rows. */
export async function renderRow (
  chart: string, values: Json, table: Table, name = 'gb'
): Promise<KubeObject[]> {
  const variants = table.map(([values]) => values)
  const n = variants.indexOf(values)
  if (n < 0) throw new Error(`not in the table: ${JSON.stringify(values)}`)
  const rendered = tables.get(table) ?? new Map<string, Promise<KubeObject[][]>>()
  tables.set(table, rendered)
  const objects = rendered.get(chart) ??
    renderTexts(chart, variants, name).then(texts => texts.map(objectsOf))
  rendered.set(chart, objects)
  return (await objects)[n]!
}
