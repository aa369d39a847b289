/**
 * `node infra/verify-chart-values.ts FOLDER`: looks into the charts of others, one folder each, whether they have every value that
 * we pass, and notes those in test/verified-values.json. To be run when a version or a value changes.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { defaultsOf, pathsOf, sourcesOf, unknownValues } from './src/chart-values.ts'
import { passedValues } from './test/variations.ts'

/** Where a chart passes on whatever it is given to its program, whose own settings these are. */
const OPEN = [
  'kube-prometheus-stack grafana/grafana.ini',
  'loki loki/limits_config',
  'blackbox-exporter config/modules',
  'argo-cd configs/cm',
  'nginx-ingress controller/config/entries'
]
/** Kubernetes' own fields, which every chart passes on. */
const KUBERNETES = /(^|\/)resources\/limits$/
const isOpen = (chart: string, value: string) =>
  KUBERNETES.test(value) || OPEN.some(open => `${chart} ${value}`.startsWith(`${open}/`))

const charts = process.argv[2]
if (!charts || !existsSync(charts)) {
  console.error(
    'Usage: node infra/verify-chart-values.ts FOLDER   (helm pull --untar puts charts into a folder)'
  )
  process.exit(2)
}
const problems: string[] = []
const verified: Record<string, string[]> = {}
for (const { chart, version, folder, values } of passedValues()) {
  const path = join(charts, folder)
  const found = existsSync(path)
    ? parse(readFileSync(join(path, 'Chart.yaml'), 'utf8')).version
    : undefined
  if (found !== version) {
    problems.push(`${chart} ${version}: ${path} has ${found ?? 'no chart'}`)
    continue
  }
  const [defaults, sources] = [defaultsOf(path), sourcesOf(path)]
  problems.push(
    ...[...new Set(values.flatMap(one => unknownValues(one, defaults, sources)))]
      .filter(value => !isOpen(chart, value))
      .map(value => `${chart} ${version} has no value ${value}`)
  )
  verified[`${chart} ${version}`] = [...new Set(values.flatMap(one => pathsOf(one)))].sort()
}
if (problems.length > 0) {
  console.error(problems.join('\n'))
  process.exit(1)
}
writeFileSync(
  new URL('test/verified-values.json', import.meta.url),
  `${JSON.stringify(verified, null, 2)}\n`
)
console.log(`verified: ${Object.keys(verified).length} charts`)
