import { beforeAll, describe, expect, test } from '@jest/globals'
import { globSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { all, outline, releases, synth, valuesOf, type Stack } from './synth.ts'

describe('without a single setting', () => {
  let stacks: Record<string, Stack>
  beforeAll(() => { stacks = synth() })

  test.each(['cluster', 'platform', 'guestbook'])('the stack %s holds', name => {
    expect(outline(stacks[name]!)).toMatchSnapshot()
  })

  test('each stack keeps its state in a file of its own, one folder for each environment', () => {
    expect(Object.values(stacks).map(stack => stack.terraform.backend.local.path)).toEqual([
      '../../../state/dev/cluster.tfstate', '../../../state/dev/guestbook.tfstate', '../../../state/dev/platform.tfstate'
    ])
  })

  test('every provider has exactly one version', () => {
    const versions = Object.values(stacks).flatMap(stack => Object.values<{ version: string }>(stack.terraform.required_providers).map(({ version }) => version))
    expect(versions.filter(version => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
  })

  test('the stacks after the cluster connect to it by its answer, and to no other context', () => {
    for (const name of ['platform', 'guestbook']) {
      const [helm] = stacks[name]!.provider.helm
      expect(helm.kubernetes).toMatchObject({ config_path: expect.stringContaining('terraform_remote_state'), config_context: 'kind-guestbook' })
      expect(stacks[name]!.provider.kubernetes[0]).toEqual(helm.kubernetes)
    }
  })

  test('no path leaves the checkout, so that it may be moved', () => {
    expect(JSON.stringify(stacks)).not.toContain(process.cwd())
  })

  test('passwords are made up by Terraform, write-only, and nothing else is a Secret', () => {
    const secrets = Object.values(stacks).flatMap(stack => all(stack, 'kubernetes_secret_v1'))
    expect(secrets.map(({ metadata, data_wo: data }) => [metadata.name, Object.keys(data)])).toEqual([
      ['guestbook-tokens', ['faults-token', 'moderator-token']],
      ['alerting', ['HEARTBEAT_URL', 'PAGERDUTY_INTEGRATION_KEY']],
      ['grafana-admin', ['admin-password', 'admin-user']]
    ])
    expect(secrets.filter(({ data }) => data)).toEqual([])
  })
})

describe('the cluster', () => {
  const node = (overrides: unknown) => all(synth(overrides).cluster!, 'kind_cluster')[0]!

  test('maps the ports of the ingress and of the guestbook to loopback', () => {
    expect(node({}).kind_config.node[0].extra_port_mappings).toEqual([
      { container_port: 80, host_port: 80, listen_address: '127.0.0.1' },
      { container_port: 443, host_port: 443, listen_address: '127.0.0.1' },
      { container_port: 30002, host_port: 30002, listen_address: '127.0.0.1' }
    ])
  })

  test('takes name, image, ports and workers from the configuration', () => {
    const { name, node_image: image, kind_config: config } = node({ target: { clusterName: 'other', nodeImage: 'registry.example/node:v1.35.0', workers: 2, ports: { http: 8080 } } })
    expect({ name, image }).toEqual({ name: 'other', image: 'registry.example/node:v1.35.0' })
    expect(config.node.map(({ role }: { role: string }) => role)).toEqual(['control-plane', 'worker', 'worker'])
    expect(config.node[0].extra_port_mappings[0].host_port).toBe(8080)
  })

  test('has its nodes labelled for the ingress controller', () => {
    expect(node({}).kind_config.node[0].labels).toEqual({ 'ingress-ready': 'true' })
  })

  test('takes Docker\'s network away with it', () => {
    const [network] = all(synth().cluster!, 'terraform_data')
    expect(network!.provisioner[0]['local-exec']).toMatchObject({ when: 'destroy', command: expect.stringContaining('docker network rm kind') })
  })

  test('gets images of this computer that nobody serves, again when it is another cluster', () => {
    const preload = all(synth({ mirrors: { preload: ['mongo:8.0'] } }).cluster!, 'terraform_data').find(({ triggers_replace: triggers }) => triggers)
    expect(preload!.triggers_replace).toEqual({ images: 'mongo:8.0', cluster: '${sha256(kind_cluster.cluster.cluster_ca_certificate)}' })
    expect(preload!.provisioner[0]['local-exec'].command).toBe('scripts/kind-load guestbook mongo:8.0')
  })

  test('is not there when the target exists', () => {
    expect(Object.keys(synth({}, 'staging'))).toEqual(['guestbook', 'platform'])
  })
})

describe('the images of the services', () => {
  const images = (stack: Stack) => all(stack, 'terraform_data').find(({ triggers_replace: triggers }) => triggers?.images)

  test('are built and loaded when their content or the cluster is another', () => {
    const { triggers_replace: triggers, provisioner } = images(synth().guestbook!)!
    expect(triggers).toEqual({ images: 'guestbook-backend:b1 guestbook-frontend:f1', cluster: expect.stringContaining('cluster_ca_certificate') })
    expect(provisioner[0]['local-exec']).toEqual({ command: './build.sh --all --load', working_dir: '../../../..', environment: { KIND_CLUSTER: 'guestbook' } })
  })

  test('are pushed where a registry is named', () => {
    expect(images(synth({}, 'staging').guestbook!)!.provisioner[0]['local-exec']).toMatchObject({ command: './build.sh --all --push', environment: { IMAGE_REPOSITORY: 'ghcr.io/guestbook' } })
  })

  test('are left alone when somebody else builds them', () => {
    expect(images(synth({ images: { build: false, repository: 'r', tags: { backend: '1', frontend: '2' } } }).guestbook!)).toBeUndefined()
  })

  test('are there before the releases that run them', () => {
    const stack = synth().guestbook!
    for (const name of ['guestbook-backend', 'guestbook-frontend']) {
      expect(all(stack, 'helm_release').find(release => release.name === name)!.depends_on).toContainEqual(expect.stringContaining('terraform_data.images'))
    }
  })
})

describe('the guestbook', () => {
  test('has MongoDB in the cluster, with as many members as wanted', () => {
    const stack = synth({ target: { workers: 2 }, mongodb: { members: 3, size: '16Gi', backup: true } }).guestbook!
    expect(valuesOf(stack, 'guestbook-mongodb')).toMatchObject({ replicas: 3, persistence: { size: '16Gi' }, backup: { enabled: true } })
  })

  test('or elsewhere: then there is no release of it, and its address is a secret', () => {
    const stack = synth({ mongodb: { mode: 'external', cidrs: ['10.1.0.0/16'] } }).guestbook!
    expect(releases(stack)).toEqual(['guestbook-backend', 'guestbook-frontend'])
    expect(valuesOf(stack, 'guestbook-backend').mongodb).toEqual({ existingSecret: { name: 'mongodb-uri', key: 'uri' }, externalCIDRs: ['10.1.0.0/16'] })
    expect(stack.variable.mongodb_uri).toMatchObject({ sensitive: true, type: 'string' })
    expect(all(stack, 'kubernetes_secret_v1').find(({ metadata }) => metadata.name === 'mongodb-uri')!.data_wo).toEqual({ uri: '${var.mongodb_uri}' })
  })

  test('scales from the wanted number of pods to four times as many', () => {
    const stack = synth({ guestbook: { backendReplicas: 2, autoscaling: true } }).guestbook!
    expect(valuesOf(stack, 'guestbook-backend').autoscaling).toEqual({ enabled: true, minReplicas: 2, maxReplicas: 8 })
  })

  test('is reached under the configured hosts', () => {
    expect(valuesOf(synth({ hosts: { guestbook: ['book.example'] } }).guestbook!, 'guestbook-frontend').ingress).toEqual({ hosts: ['book.example'] })
  })

  test('sends traces only where something takes them', () => {
    const endpoint = (traces: boolean) => valuesOf(synth({ monitoring: { traces } }).guestbook!, 'guestbook-backend').otlpEndpoint
    expect([endpoint(true), endpoint(false)]).toEqual(['http://tempo.monitoring:4318', undefined])
  })
})

describe('the platform', () => {
  const platform = (overrides: unknown = {}, environment = 'dev') => synth(overrides, environment).platform!

  test('serves the class nginx by Traefik, or by the controller of F5', () => {
    expect(valuesOf(platform(), 'ingress').ingressClass).toEqual({ enabled: true, isDefaultClass: true, name: 'nginx' })
    expect(valuesOf(platform({ ingress: { controller: 'nginx' } }), 'ingress').controller.ingressClass).toEqual({ name: 'nginx', create: true, setAsDefaultIngress: true })
  })

  test.each(['traefik', 'nginx'])('has %s listen on the node in Kind, and behind a load balancer elsewhere', controller => {
    const service = (values: any) => (values.controller?.service ?? values.service.spec).type
    expect(service(valuesOf(platform({ ingress: { controller } }), 'ingress'))).toBe('ClusterIP')
    expect(service(valuesOf(platform({ ingress: { controller } }, 'staging'), 'ingress'))).toBe('LoadBalancer')
  })

  test('ships logs by Promtail, by Alloy, or not at all', () => {
    const shippers = (logs: string) => releases(platform({ monitoring: { logs } })).filter(name => ['promtail', 'alloy', 'loki'].includes(name))
    expect(shippers('promtail')).toEqual(['loki', 'promtail'])
    expect(shippers('alloy')).toEqual(['alloy', 'loki'])
    expect(shippers('off')).toEqual([])
  })

  test('keeps as much as the profile says', () => {
    const retention = (profile: string) => valuesOf(platform({ profile }), 'kube-prometheus-stack').prometheus.prometheusSpec.retention
    expect([retention('small'), retention('full')]).toEqual(['7d', '30d'])
  })

  test('can do without Prometheus, and then nothing asks for its objects', () => {
    const stacks = synth({ monitoring: { prometheus: false, grafana: false, traces: false, logs: 'off' } })
    expect(releases(stacks.platform!)).toEqual(['ingress', 'metrics-server'])
    expect(valuesOf(stacks.guestbook!, 'guestbook-backend').serviceMonitor).toEqual({ enabled: false })
  })

  test('installs what brings ServiceMonitors first', () => {
    const stack = platform()
    for (const name of ['blackbox', 'loki', 'promtail', 'tempo']) {
      expect(all(stack, 'helm_release').find(release => release.name === name)!.depends_on).toContainEqual(expect.stringContaining('helm_release.prometheus'))
    }
  })

  test('asks for the page as a visitor, through the ingress', () => {
    expect(valuesOf(platform(), 'blackbox').serviceMonitor.targets).toEqual([{ name: 'page', url: 'http://ingress.ingress/', hostname: 'frontend.localhost' }])
  })

  test('names its own addresses with the port that leads there', () => {
    const { grafana, prometheus } = valuesOf(platform({ target: { ports: { http: 8080 } } }), 'kube-prometheus-stack')
    expect(grafana['grafana.ini'].server.root_url).toBe('http://grafana.localhost:8080')
    expect(prometheus.prometheusSpec.externalUrl).toBe('http://prometheus.localhost:8080')
  })

  test('takes charts and images from mirrors in a closed network', () => {
    const stack = platform({ mirrors: { registry: 'registry.example', chartRepositories: { loki: 'https://charts.example' } } })
    expect(all(stack, 'helm_release').find(({ name }) => name === 'loki')!.repository).toBe('https://charts.example')
    expect(valuesOf(stack, 'kube-prometheus-stack').global).toEqual({ imageRegistry: 'registry.example' })
    expect(valuesOf(stack, 'metrics-server').image.repository).toBe('registry.example/metrics-server/metrics-server')
  })
})

describe('alerting', () => {
  const stack = synth().platform!
  const content = (name: string) => all(stack, 'kubernetes_config_map_v1').find(({ metadata }) => metadata.name === name)!.data

  test('delivers each file of rules as it is, read by Terraform itself', () => {
    expect(content('grafana-alert-service-availability-alerts')).toEqual({ 'service_availability_alerts.yml': '${file("../../../../alert-rules/service_availability_alerts.yml")}' })
  })

  test('delivers every file of rules and every dashboard', () => {
    const delivered = all(stack, 'kubernetes_config_map_v1').flatMap(({ data }) => Object.keys(data)).sort()
    const folder = fileURLToPath(new URL('../../alert-rules', import.meta.url))
    const rules = readdirSync(folder).filter(file => file.endsWith('_alerts.yml'))
    const dashboards = readdirSync(`${folder}/dashboards`).filter(file => file.endsWith('.json'))
    expect(delivered).toEqual([...rules, ...dashboards, 'notifications.yml'].sort())
    expect(rules.length).toBeGreaterThan(0)
  })

  test('gives the recording rules to Prometheus', () => {
    expect(valuesOf(stack, 'kube-prometheus-stack').additionalPrometheusRulesMap.guestbook.groups.length).toBeGreaterThan(0)
  })

  test('ships one file of receivers: the one with PagerDuty exactly when there is a key', () => {
    expect(content('grafana-alert-notifications')['notifications.yml']).toBe(
      '${nonsensitive((length(var.pagerduty_integration_key) >= 1)) ? file("../../../../alert-rules/notifications.yml") : file("../../../../alert-rules/notifications_without_pagerduty.yml")}')
  })

  test('warns in every plan while nobody is paged', () => {
    expect(stack.check.paging.assert[0]).toEqual({ condition: '${nonsensitive((length(var.pagerduty_integration_key) >= 1))}', error_message: expect.stringContaining('alerts show in Grafana and page nobody') })
  })

  test('takes a key that PagerDuty could have given, or none', () => {
    const [{ condition, error_message: message }] = all(stack, 'kubernetes_secret_v1').find(({ metadata }) => metadata.name === 'alerting')!.lifecycle.precondition
    const [, pattern] = /regex\("(.*?)"/.exec(condition)!
    const accepts = (key: string) => new RegExp(pattern!).test(key)
    expect([accepts(''), accepts('a'.repeat(32)), accepts('a'.repeat(31)), accepts('-'.repeat(32))]).toEqual([true, true, false, false])
    expect(message).toContain('Events API v2')
  })

  test('restarts Grafana with another key, which it would not notice', () => {
    const { keys } = valuesOf(stack, 'kube-prometheus-stack').grafana.podAnnotations
    expect(keys).toMatch(/^v-\$\{substr\(nonsensitive\(sha256\(.*var\.pagerduty_integration_key.*var\.heartbeat_url/)
  })

  test('leaves variables of Grafana and of templates alone', () => {
    const { additionalDataSources } = valuesOf(stack, 'kube-prometheus-stack').grafana
    expect(additionalDataSources[0].jsonData.derivedFields[0].url).toBe('$${__value.raw}')
  })
})

describe('Argo CD as an option', () => {
  const delivery = { images: { repository: 'registry.example' }, delivery: { mode: 'argocd', repository: 'https://git.example/guestbook.git', revision: 'release' } }
  const stack = synth(delivery).guestbook!
  const applications = () => valuesOf(stack, 'applications').applications

  test('leaves Terraform no release of the workloads, and no image to build', () => {
    expect(releases(stack)).toEqual(['applications', 'argo-cd'])
    expect(all(stack, 'terraform_data')).toEqual([])
  })

  test('takes the three charts from Git', () => {
    expect(Object.values<any>(applications()).map(({ source }) => [source.helm.releaseName, source.path, source.targetRevision])).toEqual([
      ['guestbook-mongodb', 'charts/guestbook-mongodb', 'release'],
      ['guestbook-backend', 'charts/guestbook-backend', 'release'],
      ['guestbook-frontend', 'charts/guestbook-frontend', 'release']
    ])
  })

  test('has the images named by files in Git, which nothing here overrides', () => {
    const { helm } = applications()['guestbook-backend'].source
    expect(helm).toMatchObject({ valueFiles: ['../../infra/argocd/backend.yaml'], ignoreMissingValueFiles: true })
    expect(helm.valuesObject).not.toHaveProperty('image')
  })

  test('gives the workloads the same values otherwise', () => {
    const { image, ...values } = valuesOf(synth({ images: delivery.images }).guestbook!, 'guestbook-backend')
    expect(applications()['guestbook-backend'].source.helm.valuesObject).toEqual(values)
  })

  test('may take from that repository and put into that namespace, and nothing else', () => {
    expect(valuesOf(stack, 'applications').projects.guestbook).toMatchObject({
      sourceRepos: ['https://git.example/guestbook.git'],
      destinations: [{ namespace: 'guestbook', server: 'https://kubernetes.default.svc' }],
      clusterResourceWhitelist: []
    })
  })

  test('keeps namespace and Secrets where they are, so that switching keeps volumes and messages', () => {
    expect(all(stack, 'kubernetes_secret_v1')).toEqual(all(synth().guestbook!, 'kubernetes_secret_v1'))
    expect(synth(delivery).platform).toEqual(synth({ images: delivery.images }).platform)
  })
})

describe('the deployer of the guestbook', () => {
  const role = all(synth().platform!, 'kubernetes_role_v1')[0]!
  const may = (kind: string) => role.rule.some(({ resources, verbs }: any) => verbs.includes('create') && resources.some((resource: string) => PLURALS.some(plural => resource === kind.toLowerCase() + plural || resource === kind.toLowerCase().replace(/y$/, 'ies'))))
  const PLURALS = ['s', 'es']
  const charts = fileURLToPath(new URL('../../charts', import.meta.url))
  const kinds = new Set(globSync('guestbook-*/templates/**/*.yaml', { cwd: charts }).flatMap(file =>
    [...readFileSync(`${charts}/${file}`, 'utf8').matchAll(/^kind: (\w+)/gm)].map(([, kind]) => kind!)))

  test.each([...kinds])('may make every %s of the charts', kind => {
    expect(may(kind)).toBe(true)
  })

  test('has no right beyond its namespace, and none by a wildcard', () => {
    const { resource } = synth().platform!
    expect(Object.keys(resource).filter(type => type.startsWith('kubernetes_cluster_role'))).toEqual([])
    expect(role.metadata).toMatchObject({ name: 'guestbook-deployer', namespace: expect.stringContaining('tenant_guestbook') })
    expect(JSON.stringify(role.rule)).not.toContain('*')
  })
})

describe('the state', () => {
  test('is kept where the configuration says, one object for each environment and stack', () => {
    const stacks = synth({ state: { backend: 's3', settings: { bucket: 'states', region: 'eu-central-1' } } })
    expect(stacks.platform!.terraform.backend).toEqual({ s3: { bucket: 'states', region: 'eu-central-1', key: 'guestbook/dev/platform' } })
    expect(stacks.platform!.data.terraform_remote_state['cross-stack-reference-input-cluster']).toMatchObject({ backend: 's3', config: { bucket: 'states', key: 'guestbook/dev/cluster' } })
  })
})
