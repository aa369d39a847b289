/**
 * Verifies that third-party charts have every value that the stacks pass: a chart without a schema
 * ignores values that it does not have.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { Context } from '../context.ts'
import { execSilent } from '../exec.ts'
import { Failure } from '../failure.ts'
import { defaultsOf, pathsOf, sourcesOf, unknownValues } from './unknown-values.ts'
import { passedValues, type PassedValues } from './variations.ts'

/** Values that a chart passes to its program unread. */
const OPEN = [
  'kube-prometheus-stack grafana/grafana.ini',
  'loki loki/limits_config',
  'blackbox-exporter config/modules',
  'argo-cd configs/cm',
  'nginx-ingress controller/config/entries'
]
/** Fields of Kubernetes, which every chart passes on. */
const KUBERNETES = /(^|\/)resources\/limits$/
const isOpen = (chart: string, value: string) =>
  KUBERNETES.test(value) || OPEN.some(open => `${chart} ${value}`.startsWith(`${open}/`))

/** Verified values by chart; the tests compare what the stacks pass with it, without network. */
const VERIFIED = new URL('verified-values.json', import.meta.url)
export const verifiedValues = (): Record<string, string[]> =>
  JSON.parse(readFileSync(VERIFIED, 'utf8'))

/** The paths of all values that a chart gets. */
export const passedPaths = ({ values }: PassedValues): string[] =>
  [...new Set(values.flatMap(one => pathsOf(one)))].sort()

/** Verifies the charts in the folder CHARTS, by default those that helm pulls. */
export function chartValues (context: Context): void {
  const { CHARTS } = context.env
  const folder = CHARTS || mkdtempSync(join(tmpdir(), 'guestbook-charts-'))
  try {
    const passed = passedValues()
    if (!CHARTS) for (const one of passed) pull(context, one, folder)
    const problems = passed.flatMap(one => problemsOf(one, join(folder, one.chart)))
    if (problems.length > 0) throw new Failure(problems.join('\n'))
    const verified = Object.fromEntries(passed.map(one => [one.component.id, passedPaths(one)]))
    writeFileSync(VERIFIED, `${JSON.stringify(verified, null, 2)}\n`)
    console.log(`verified: ${passed.length} charts`)
  } finally {
    if (!CHARTS) rmSync(folder, { recursive: true, force: true })
  }
}

function pull (context: Context, { component, chart }: PassedValues, folder: string): void {
  const { source, version } = component
  const from = source.startsWith('oci://')
    ? [source]
    : [chart, '--repo', source.slice(0, source.lastIndexOf('/'))]
  execSilent(
    context, 'helm', 'pull', ...from, '--version', version, '--untar', '--untardir', folder
  )
}

/** @param folder the chart; it must have the version of the catalog */
export function problemsOf (passed: PassedValues, folder: string): string[] {
  const { id, version } = passed.component
  const found = chartVersion(folder)
  if (found !== version) return [`${id} ${version}: ${folder} has ${found ?? 'no chart'}`]
  const [defaults, sources] = [defaultsOf(folder), sourcesOf(folder)]
  return [...new Set(passed.values.flatMap(one => unknownValues(one, defaults, sources)))]
    .filter(value => !isOpen(id, value))
    .map(value => `${id} ${version} has no value ${value}`)
}

function chartVersion (folder: string): string | undefined {
  try {
    return parse(readFileSync(join(folder, 'Chart.yaml'), 'utf8')).version
  } catch {
    return undefined
  }
}
