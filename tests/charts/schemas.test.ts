import { readdirSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { INSTALLATIONS, KUBERNETES, renderText } from './helm.ts'
import { ROOT, run, type Output } from './tools.ts'

const [folder] = readdirSync(`${ROOT}.tools/schemas`).filter(name => name.includes(KUBERNETES))

async function kubeconform (objects: string): Promise<Output> {
  return await run(
    'kubeconform',
    [
      '-strict',
      '-summary',
      '-schema-location',
      `.tools/schemas/${folder}/{{.ResourceKind}}{{.KindSuffix}}.json`
    ],
    objects
  )
}

test.each(INSTALLATIONS)(
  'all objects of %s with its %s values match the schemas of Kubernetes',
  async (chart, ci) => {
    const { status, stdout } = await kubeconform(await renderText(chart, { ci }))
    expect(stdout).toMatch(/Invalid: 0, Errors: 0, Skipped: 0/)
    expect(status).toBe(0)
  }
)

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'x' },
  spec: { ports: [{ port: 80 }] }
}
const serviceMonitor = {
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'ServiceMonitor',
  metadata: { name: 'x' },
  spec: { selector: {}, endpoints: [{ port: 'x' }] }
}

test('the check accepts valid objects', async () => {
  expect(await kubeconform(JSON.stringify(service))).toMatchObject({ status: 0 })
  expect(await kubeconform(JSON.stringify(serviceMonitor))).toMatchObject({ status: 0 })
})

test.each([
  ['a field that does not exist', { ...service, spec: { ports: [{ port: 80, hostPort: 80 }] } }],
  ['a value of the wrong type', { ...service, spec: { ports: [{ port: 'http' }] } }],
  ['a missing field', { ...service, spec: { ports: [{ name: 'http' }] } }],
  ['a kind that does not exist', { ...service, kind: 'Servise' }],
  [
    'an unknown field of a ServiceMonitor',
    { ...serviceMonitor, spec: { ...serviceMonitor.spec, intervall: '10s' } }
  ],
  [
    'a wrong interval of a ServiceMonitor',
    { ...serviceMonitor, spec: { selector: {}, endpoints: [{ interval: 'often' }] } }
  ]
])('the check rejects %s', async (_what, object) => {
  expect(await kubeconform(JSON.stringify(object))).not.toMatchObject({ status: 0 })
})
