/** scripts/kubernetes-schemas.ts, with Go modules of a few lines. */
import { existsSync, readdirSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { stringify } from 'yaml'
import { Checkout } from './checkout.ts'

const kind = (group: string, kind: string) =>
  ({ 'x-kubernetes-group-version-kind': [{ group, version: 'v1', kind }] })
const SWAGGER = {
  definitions: {
    Service: {
      ...kind('', 'Service'),
      description: 'A service.',
      properties: {
        spec: { $ref: '#/definitions/Spec' },
        ports: {
          type: 'array',
          items: { properties: { port: { type: 'integer', format: 'int32' } } }
        },
        labels: { additionalProperties: { type: 'string', description: 'One.' } }
      }
    },
    Spec: {
      properties: {
        target: { type: 'string', format: 'int-or-string' },
        own: { $ref: '#/definitions/Spec' }
      }
    },
    Unrelated: { properties: {} },
    Ingress: {
      ...kind('networking.k8s.io', 'Ingress'),
      properties: {
        free: { 'x-kubernetes-preserve-unknown-fields': true, properties: { a: {} } }
      }
    },
    DeleteOptions: {
      'x-kubernetes-group-version-kind': [
        { group: '', version: 'v1', kind: 'A' },
        { group: 'b', version: 'v1', kind: 'A' }
      ]
    }
  }
}
const openAPIV3Schema = {
  properties: {
    port: { 'x-kubernetes-int-or-string': true, anyOf: [] },
    one: { oneOf: [{ properties: { a: { not: { properties: {} } } } }] },
    any: { anyOf: [{ properties: {} }] },
    all: { allOf: [{ properties: {} }] }
  }
}
const resource = (kind: string, ...names: string[]) => {
  const versions = names.map(name => ({ name, schema: { openAPIV3Schema } }))
  return stringify({ spec: { group: 'monitoring.coreos.com', names: { kind }, versions } })
}

const GO = 'echo "{ \\"Dir\\": \\"$MODULES/${4%%/*}\\" }"'

function checkout (go = GO): Checkout {
  const place = new Checkout(['scripts/kubernetes-schemas.ts'], {
    go: `[ -z "$GOFLAGS" ] || exit 9\n${go}`
  })
  place.write('modules/k8s.io/api/openapi-spec/swagger.json', JSON.stringify(SWAGGER))
  const crds = 'modules/github.com/example/prometheus-operator-crd/monitoring.coreos.com'
  place.write(`${crds}_servicemonitors.yaml`, resource('ServiceMonitor', 'v1', 'v2'))
  place.write(`${crds}_podmonitors.yaml`, resource('PodMonitor', 'v1'))
  return place
}
const run = async (place: Checkout) =>
  await place.run('node', ['scripts/kubernetes-schemas.ts'], {
    MODULES: `${place.folder}/modules`,
    GOFLAGS: '-mod=vendor'
  })
const home = (place: Checkout) => `${place.folder}/.tools/schemas`
const PROGRESS =
  'schemas: fetching those of Kubernetes and ServiceMonitor as Go modules (23 MB)\n'

test('every kind has a strict schema, with the file name that kubeconform expects', async () => {
  const place = checkout()
  expect(await run(place)).toEqual({ status: 0, stdout: PROGRESS, stderr: '' })
  expect(place.calls).toEqual(
    ['k8s.io/kubernetes', 'github.com/prometheus-operator/prometheus-operator'].map(module =>
      expect.stringMatching(new RegExp(`^go mod download -json ${module}@v[\\d.]+$`))
    )
  )

  const [folder] = readdirSync(home(place))
  expect(folder).toMatch(/^kubernetesv[\d.]+-prometheus-operatorv[\d.]+$/)
  const schemas = Object.fromEntries(
    readdirSync(`${home(place)}/${folder}`).map(name => [
      name,
      JSON.parse(place.read(`.tools/schemas/${folder}/${name}`)!)
    ])
  )
  const intOrString = { oneOf: [{ type: 'string' }, { type: 'integer' }] }
  const closed = (properties: object) => ({ additionalProperties: false, properties })
  const monitor = closed({
    port: intOrString,
    one: { oneOf: [closed({ a: { not: closed({}) } })] },
    any: { anyOf: [closed({})] },
    all: { allOf: [closed({})] }
  })
  const Spec = closed({ target: intOrString, own: { $ref: '#/definitions/Spec' } })
  const Service = {
    ...kind('', 'Service'),
    ...closed({
      spec: { $ref: '#/definitions/Spec' },
      ports: { type: 'array', items: closed({ port: { type: 'integer' } }) },
      labels: { additionalProperties: { type: 'string' } }
    })
  }
  const Ingress = {
    ...kind('networking.k8s.io', 'Ingress'),
    ...closed({ free: { 'x-kubernetes-preserve-unknown-fields': true, properties: { a: {} } } })
  }
  expect(schemas).toEqual({
    'service-v1.json': { $ref: '#/definitions/Service', definitions: { Service, Spec } },
    'ingress-networking-v1.json': { $ref: '#/definitions/Ingress', definitions: { Ingress } },
    'servicemonitor-monitoring-v1.json': monitor,
    'servicemonitor-monitoring-v2.json': monitor,
    'podmonitor-monitoring-v1.json': monitor
  })
})

test('existing schemas are kept, and those of other versions are deleted', async () => {
  const place = checkout()
  place.write('.tools/schemas/kubernetesv1.0.0-prometheus-operatorv0.1.0/old.json', '{}')
  await run(place)
  const [folder, ...others] = readdirSync(home(place))
  expect([folder, others]).toEqual([expect.not.stringContaining('v1.0.0'), []])
  expect(await run(place)).toEqual({ status: 0, stdout: '', stderr: '' })
  expect(place.calls).toHaveLength(2)
})

test('an interrupted run leaves no schemas', async () => {
  const place = checkout('[[ "$4" == k8s* ]] && echo "{ \\"Dir\\": \\"$MODULES/k8s.io\\" }"')
  expect(await run(place)).toMatchObject({ status: 1 })
  expect(readdirSync(home(place)).filter(name => !name.endsWith('.part'))).toEqual([])
  place.script('.bin/go', GO)
  expect(await run(place)).toMatchObject({ status: 0, stdout: PROGRESS })
  const [folder, ...others] = readdirSync(home(place))
  expect(others).toEqual([])
  expect(existsSync(`${home(place)}/${folder}/service-v1.json`)).toBe(true)
})
