/** What the stacks hold and in which order they are deployed, and the files around them. */
import { describe, expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { all, objectsOf, outline, releases, synth, valuesOf, writeFiles } from '../synth.ts'

const text = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

describe('without a single setting', () => {
  const stacks = synth()

  test.each(['cluster', 'platform', 'guestbook'])('the stack %s holds', name => {
    expect(outline(stacks[name]!)).toMatchSnapshot()
  })

  test('no path is absolute, so that a checkout can be moved', () => {
    expect(JSON.stringify(stacks)).not.toContain(process.cwd())
  })
})

test.each<[string, object]>([
  ['dev', { cluster: [], platform: ['cluster'], guestbook: ['cluster', 'platform'] }],
  ['staging', { platform: [], guestbook: ['platform'] }]
])('the stacks of %s are deployed in this order', (environment, order) => {
  const manifest = writeFiles({}, environment, read => JSON.parse(read('manifest.json')))
  const found = Object.entries<{ dependencies: string[] }>(manifest.stacks)
    .map(([name, { dependencies }]) => [name, [...dependencies].sort()])
  expect(Object.fromEntries(found)).toEqual(order)
})

test('a larger cluster has its name, node image, workers, address and images', () => {
  const nodeImage = 'registry.example/node:v1.35.0'
  const ports = { listenAddress: '0.0.0.0', http: 8080, https: 8443 }
  const { cluster } = synth({
    target: { clusterName: 'book', nodeImage, workers: 2, ports },
    mirrors: { preload: ['mongo:8.0', 'node:24'] }
  })
  const { kind_cluster: found, terraform_data: data } = cluster!.resource as Record<string, any>
  expect(found.cluster).toMatchObject({ name: 'book', node_image: nodeImage })
  const { node } = found.cluster.kind_config
  expect(node.map(({ role }: { role: string }) => role))
    .toEqual(['control-plane', 'worker', 'worker'])
  expect(node.slice(1)).toEqual([{ role: 'worker' }, { role: 'worker' }])
  expect(node[0].extra_port_mappings).toEqual([
    { container_port: 80, host_port: 8080, listen_address: '0.0.0.0' },
    { container_port: 443, host_port: 8443, listen_address: '0.0.0.0' },
    { container_port: 30002, host_port: 30002, listen_address: '0.0.0.0' }
  ])
  expect(data.preload).toMatchObject({
    triggers_replace: {
      images: 'mongo:8.0 node:24',
      cluster: '${sha256(kind_cluster.cluster.cluster_ca_certificate)}'
    },
    provisioner: [{
      'local-exec': {
        working_dir: '../../../..', command: 'scripts/kind-load book mongo:8.0 node:24'
      }
    }]
  })
  expect(Object.keys(objectsOf(cluster!)).sort())
    .toEqual(['kind_cluster book', 'terraform_data network', 'terraform_data preload'])
})

test('a change of the ingress controller removes the old release first', () => {
  const release = (controller: string) => {
    const { helm_release: found } = synth({ ingress: { controller } }).platform!.resource
    const [address, { name }] = Object.entries(found!).find(([id]) => id.startsWith('ingress'))!
    return { address, name }
  }
  const [traefik, nginx] = [release('traefik'), release('nginx')]
  expect(nginx.address).toBe(traefik.address)
  expect(nginx.name).not.toBe(traefik.name)
})

test('metrics-server can be off', () => {
  const { platform } = synth({ target: { metricsServer: 'off' } }, 'staging')
  expect(releases(platform!)).not.toContain('metrics-server')
})

test('no window of an alert is longer than the shortest retention', () => {
  const { prometheus } = valuesOf(synth({ profile: 'small' }).platform!, 'kube-prometheus-stack')
  expect(text('../alert-rules/slo.yml'))
    .toContain(`\nretention: ${prometheus.prometheusSpec.retention}\n`)
})

test('every file of alert rules and every dashboard is delivered', () => {
  const delivered = all(synth().platform!, 'kubernetes_config_map_v1')
    .flatMap(({ data }) => Object.keys(data))
  const folder = fileURLToPath(new URL('../../../alert-rules', import.meta.url))
  const rules = readdirSync(folder).filter(file => file.endsWith('_alerts.yml'))
  const dashboards = readdirSync(`${folder}/dashboards`).filter(file => file.endsWith('.json'))
  expect(delivered.sort()).toEqual([...rules, ...dashboards, 'notifications.yml'].sort())
  expect(rules.length).toBeGreaterThan(0)
})

test.each([
  ['', true], ['a'.repeat(32), true], ['a'.repeat(31), false], ['-'.repeat(32), false]
])('the PagerDuty key "%s" is accepted: %s', (key, accepted) => {
  const { lifecycle } = objectsOf(synth().platform!)['kubernetes_secret_v1 alerting']
  const [, pattern] = /regex\("(.*?)"/.exec(lifecycle.precondition[0].condition)!
  expect(new RegExp(pattern!).test(key)).toBe(accepted)
})

test('the example of secrets names the variables of the stacks', () => {
  const variables = text('secrets.tfvars.example').matchAll(/^(?:# )?(\w+) = "/gm)
  expect([...variables].map(([, name]) => name))
    .toEqual(['pagerduty_integration_key', 'heartbeat_url', 'mongodb_uri'])
})

test('cdktf starts the app, and sends no crash reports', () => {
  expect(JSON.parse(text('cdktf.json'))).toEqual({
    language: 'typescript',
    app: 'npm run --silent app',
    output: 'cdktf.out',
    projectId: 'guestbook',
    sendCrashReports: 'false',
    terraformProviders: [],
    terraformModules: []
  })
  expect(JSON.parse(text('package.json')).scripts).toEqual({ app: 'node main.ts' })
})
