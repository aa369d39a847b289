import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { find, type Json } from './helm.ts'
import {
  BACKEND, FRONTEND, labels, metadata, nameOf, renderService, selectorLabels, type Service
} from './services.ts'

const BOTH = [BACKEND, FRONTEND]

/** Values, and type and port of the Service. */
const SERVICES: Array<[values: Json, service: Service, type: string, port: object]> = [
  [{}, BACKEND, 'ClusterIP', { port: 3001 }],
  [{ 'service.port': 80 }, BACKEND, 'ClusterIP', { port: 80 }],
  [{}, FRONTEND, 'ClusterIP', { port: 3000 }],
  [{ 'service.port': 80 }, FRONTEND, 'ClusterIP', { port: 80 }],
  [{ 'service.type': 'NodePort' }, FRONTEND, 'NodePort', { port: 3000, nodePort: 30002 }],
  [
    { 'service.type': 'NodePort', 'service.nodePort': 31000 },
    FRONTEND, 'NodePort', { port: 3000, nodePort: 31000 }
  ],
  [{ 'service.type': 'LoadBalancer' }, FRONTEND, 'LoadBalancer', { port: 3000 }]
]

test.each(SERVICES)('with %j the Service exposes the HTTP port only', async (
  values, service, type, port
) => {
  const objects = await renderService(service, values)
  expect(find(objects, 'Service', nameOf(service))).toEqual({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: metadata(service),
    spec: {
      type,
      selector: selectorLabels(service),
      ports: [{ name: 'http', targetPort: 'http', ...port }]
    }
  })
})

const MANAGEMENT = { 'app.kubernetes.io/component': 'management' }

test.each(
  BOTH
)('a headless Service exposes the metrics of $chart', async service => {
  expect(find(await renderService(service), 'Service', `${nameOf(service)}-management`)).toEqual({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: `${nameOf(service)}-management`, labels: { ...labels(service), ...MANAGEMENT }
    },
    spec: {
      clusterIP: 'None',
      selector: selectorLabels(service),
      ports: [{ name: 'management', port: service.management, targetPort: 'management' }]
    }
  })
})

test.each(BOTH)('Prometheus scrapes $chart through that Service', async service => {
  const values = {
    'serviceMonitor.enabled': true,
    'serviceMonitor.interval': '30s',
    'serviceMonitor.labels': { release: 'prometheus' }
  }
  expect(find(await renderService(service, values), 'ServiceMonitor', nameOf(service))).toEqual({
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'ServiceMonitor',
    metadata: {
      name: nameOf(service), labels: { ...labels(service), release: 'prometheus' }
    },
    spec: {
      jobLabel: 'app.kubernetes.io/name',
      selector: { matchLabels: { ...selectorLabels(service), ...MANAGEMENT } },
      endpoints: [{ port: 'management', path: '/metrics', interval: '30s' }]
    }
  })
})

interface Host { readonly name: string, readonly host: string, readonly secretName?: string }
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const LONG = `${'a'.repeat(60)}.example`
const HOSTS = [
  { name: 'a-example', host: 'a.example', secretName: 'a-tls' },
  { name: 'any-b-example', host: '*.b.example' }
]
/** Values, and the hosts with an Ingress, with the suffix of its name. */
const INGRESSES: Array<[values: Json, service: Service, hosts: Host[], changes?: Json]> = [
  [{}, BACKEND, []],
  [{ 'ingress.enabled': true }, BACKEND, [{ name: 'api-localhost', host: 'api.localhost' }]],
  [{ 'ingress.enabled': false }, FRONTEND, []],
  [{}, FRONTEND, [
    { name: 'localhost', host: 'localhost' },
    { name: 'frontend-localhost', host: 'frontend.localhost' }
  ]],
  ...BOTH.map((service): [Json, Service, Host[], Json] => [{
    'ingress.enabled': true,
    'ingress.className': 'traefik',
    'ingress.hosts': ['a.example', '*.b.example'],
    'ingress.tlsSecrets': { 'a.example': 'a-tls' },
    'ingress.annotations': { note: 'text' }
  }, service, HOSTS, { className: 'traefik', annotations: { note: 'text' } }]),
  ...BOTH.map((service): [Json, Service, Host[]] => {
    const rest = 63 - `${nameOf(service)}-`.length
    const fits = 'b'.repeat(rest)
    const dotAtEnd = `${'c'.repeat(rest - 10)}.${'d'.repeat(30)}`
    return [{ 'ingress.enabled': true, 'ingress.hosts': [fits, LONG, dotAtEnd] }, service, [
      { name: fits, host: fits },
      // Cut, followed by the beginning of the host's SHA-256.
      { name: `${'a'.repeat(rest - 9)}-19dbfa48`, host: LONG },
      { name: `${'c'.repeat(rest - 10)}-${sha256(dotAtEnd).slice(0, 8)}`, host: dotAtEnd }
    ]]
  })
]
const ingress = (service: Service, { name, host, secretName }: Host, changes: Json) => {
  const { className = 'nginx', ...more } = changes
  const backend = { service: { name: nameOf(service), port: { name: 'http' } } }
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name: `${nameOf(service)}-${name}`, labels: labels(service), ...more
    },
    spec: {
      ingressClassName: className,
      ...secretName && { tls: [{ hosts: [host], secretName }] },
      rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }]
    }
  }
}

test.each(INGRESSES)('with %j each host has its own Ingress', async (
  values, service, hosts, changes = {}
) => {
  const objects = await renderService(service, values)
  const found = objects.filter(({ kind }) => kind === 'Ingress')
  expect(found).toEqual(hosts.map(host => ingress(service, host, changes)))
})
