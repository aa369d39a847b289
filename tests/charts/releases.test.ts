import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { temporaryFolder } from '@guestbook/service-kit/testing'
import { CHARTS, find, helm, nested, objectsOf, render, ROOT, SERVICES, versionOf } from './helm.ts'

/** Objects of the release `gb`, as kind and suffix of the name. */
async function objectsWith (chart: string, values = {}): Promise<string[]> {
  const objects = await render(chart, { name: 'gb', values: nested(values) })
  return objects.map(({ kind, metadata }) =>
    `${kind} ${metadata.name.replace(`gb-${chart}`, '')}`.trim()).sort()
}
const ALWAYS = ['Deployment', 'NetworkPolicy', 'Service', 'Service -management', 'ServiceAccount']
const OFF = { 'networkPolicy.enabled': false, 'ingress.enabled': false }

test.each([
  ['guestbook-backend', {}, ALWAYS],
  ['guestbook-backend', OFF, ALWAYS.filter(object => object !== 'NetworkPolicy')],
  ['guestbook-backend', { 'mongodb.enabled': false }, [...ALWAYS, 'PersistentVolumeClaim']],
  ['guestbook-backend', { 'ingress.enabled': true }, [...ALWAYS, 'Ingress -api-localhost']],
  ['guestbook-backend', { 'serviceMonitor.enabled': true }, [...ALWAYS, 'ServiceMonitor']],
  ['guestbook-backend', { replicas: 2 }, [...ALWAYS, 'PodDisruptionBudget']],
  [
    'guestbook-backend', { 'autoscaling.enabled': true },
    [...ALWAYS, 'HorizontalPodAutoscaler', 'PodDisruptionBudget']
  ],
  ['guestbook-frontend', {}, [
    ...ALWAYS, 'Ingress -frontend-localhost', 'Ingress -localhost', 'NetworkPolicy -test',
    'Pod -test'
  ]],
  ['guestbook-frontend', OFF, [
    'Deployment', 'Pod -test', 'Service', 'Service -management', 'ServiceAccount'
  ]]
])('%s with %j installs exactly these objects', async (chart, values, expected) => {
  expect(await objectsWith(chart, values)).toEqual(expected.toSorted())
})

const r = (times: number) => 'r'.repeat(times)
/** The name of a release, values, and the name of its objects: 50 characters at most. */
const NAMES = SERVICES.flatMap(chart => [
  [chart, chart, {}, chart],
  [chart, `my-${chart}`, {}, `my-${chart}`],
  [chart, 'gb', { fullnameOverride: 'other' }, 'other'],
  [chart, `${chart}-${r(52 - chart.length)}`, {}, `${chart}-${r(49 - chart.length)}`],
  [chart, `${chart}-${r(48 - chart.length)}-s`, {}, `${chart}-${r(48 - chart.length)}`],
  [chart, r(53), {}, `${r(30)}-${chart}`],
  [chart, `${r(29)}-s`, {}, `${r(29)}-${chart}`]
] as const)

test.each(NAMES)('%s as the release %s with %j names its objects %s', async (
  chart, name, values, expected
) => {
  const objects = await render(chart, { name, values })
  expect(find(objects, 'Deployment', expected).spec.template.spec.serviceAccountName).toBe(expected)
  for (const kind of ['Service', 'ServiceAccount', 'NetworkPolicy']) find(objects, kind, expected)
})

test.each(SERVICES)('the package of %s contains the library chart', async chart => {
  const folder = temporaryFolder()
  await helm(['package', `charts/${chart}`, '--destination', folder])
  const fromPackage = await helm(['template', chart, `${folder}/${chart}-${versionOf(chart)}.tgz`])
  expect(fromPackage).toEqual(await helm(['template', chart, `charts/${chart}`]))
  expect(fromPackage.status).toBe(0)
})

test.each(
  CHARTS
)('labels of %s distinguish the versions of chart and program', async chart => {
  const copy = `${temporaryFolder()}/${chart}`
  cpSync(`${ROOT}charts/${chart}`, copy, { recursive: true })
  const metadata = readFileSync(`${copy}/Chart.yaml`, 'utf8')
  writeFileSync(`${copy}/Chart.yaml`, metadata
    .replace(/^version:.*$/m, 'version: 1.2.3+build')
    .replace(/^appVersion:.*$/m, 'appVersion: 4.5.6'))
  const { stdout } = await helm(['template', chart, copy])
  const objects = objectsOf(stdout)

  expect(objects.length).toBeGreaterThan(4)
  for (const { metadata: { labels } } of objects) {
    expect(labels).toMatchObject({
      'app.kubernetes.io/version': '4.5.6', 'helm.sh/chart': `${chart}-1.2.3_build`
    })
  }
  if (chart !== 'guestbook-mongodb') {
    const [container] = find(objects, 'Deployment', chart).spec.template.spec.containers
    expect(container.image).toBe(`${chart}:4.5.6`)
  }
})
