import { beforeAll, describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config/load.ts'
import { inFolder } from '../folder.ts'
import { all, objectsOf, outline, releases, synth, valuesOf, type Stack } from '../synth.ts'

describe('without a single setting', () => {
  let stacks: Record<string, Stack>
  beforeAll(() => { stacks = synth() })

  test.each(['cluster', 'platform', 'guestbook'])('the stack %s holds', name => {
    expect(outline(stacks[name]!)).toMatchSnapshot()
  })

  test('each stack has its own state file, in a folder for each environment', () => {
    expect(Object.values(stacks).map(stack => stack.terraform.backend.local.path)).toEqual([
      '../../../state/dev/cluster.tfstate',
      '../../../state/dev/guestbook.tfstate',
      '../../../state/dev/platform.tfstate'
    ])
  })

  test('every provider has exactly one version', () => {
    const versions = Object.values(stacks).flatMap(stack =>
      Object.values<{ version: string }>(stack.terraform.required_providers).map(
        ({ version }) => version
      )
    )
    expect(versions.filter(version => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
  })

  test('the stacks after the cluster connect to it by its answer, and to no other context', () => {
    for (const name of ['platform', 'guestbook']) {
      const [helm] = stacks[name]!.provider.helm
      expect(helm.kubernetes).toMatchObject({
        config_path: expect.stringContaining('terraform_remote_state'),
        config_context: 'kind-guestbook'
      })
      expect(stacks[name]!.provider.kubernetes[0]).toEqual(helm.kubernetes)
    }
  })

  test('no path leaves the checkout, so that it may be moved', () => {
    expect(JSON.stringify(stacks)).not.toContain(process.cwd())
  })

  test('passwords are made up by Terraform, write-only, and nothing else is a Secret', () => {
    const secrets = Object.values(stacks).flatMap(stack => all(stack, 'kubernetes_secret_v1'))
    expect(
      secrets.map(({ metadata, data_wo: data }) => [metadata.name, Object.keys(data)])
    ).toEqual([
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
    const {
      name,
      node_image: image,
      kind_config: config
    } = node({
      target: {
        clusterName: 'other',
        nodeImage: 'registry.example/node:v1.35.0',
        workers: 2,
        ports: { http: 8080 }
      }
    })
    expect({ name, image }).toEqual({ name: 'other', image: 'registry.example/node:v1.35.0' })
    expect(config.node.map(({ role }: { role: string }) => role)).toEqual([
      'control-plane',
      'worker',
      'worker'
    ])
    expect(config.node[0].extra_port_mappings[0].host_port).toBe(8080)
  })

  test('has its nodes labelled for the ingress controller', () => {
    expect(node({}).kind_config.node[0].labels).toEqual({ 'ingress-ready': 'true' })
  })

  test('takes Docker\'s network away with it', () => {
    const [network] = all(synth().cluster!, 'terraform_data')
    expect(network!.provisioner[0]['local-exec']).toMatchObject({
      when: 'destroy',
      command: expect.stringContaining('docker network rm kind')
    })
  })

  test('gets preloaded images of this computer, again when the cluster is replaced', () => {
    const preload = all(
      synth({ mirrors: { preload: ['mongo:8.0'] } }).cluster!,
      'terraform_data'
    ).find(({ triggers_replace: triggers }) => triggers)
    expect(preload!.triggers_replace).toEqual({
      images: 'mongo:8.0',
      cluster: '${sha256(kind_cluster.cluster.cluster_ca_certificate)}'
    })
    expect(preload!.provisioner[0]['local-exec'].command).toBe(
      'scripts/kind-load guestbook mongo:8.0'
    )
  })

  test('does not exist for an existing cluster', () => {
    expect(Object.keys(synth({}, 'staging'))).toEqual(['guestbook', 'platform'])
  })
})

describe('the images of the services', () => {
  const images = (stack: Stack) =>
    all(stack, 'terraform_data').find(({ triggers_replace: triggers }) => triggers?.images)

  test('are built and loaded when their content or the cluster changes', () => {
    const { triggers_replace: triggers, provisioner } = images(synth().guestbook!)!
    expect(triggers).toEqual({
      images: 'guestbook-backend:b1 guestbook-frontend:f1',
      cluster: expect.stringContaining('cluster_ca_certificate')
    })
    expect(provisioner[0]['local-exec']).toEqual({
      command: './build.sh --all --load',
      working_dir: '../../../..',
      environment: { KIND_CLUSTER: 'guestbook' }
    })
  })

  test('are pushed to the configured registry', () => {
    expect(images(synth({}, 'staging').guestbook!)!.provisioner[0]['local-exec']).toMatchObject({
      command: './build.sh --all --push',
      environment: { IMAGE_REPOSITORY: 'ghcr.io/guestbook' }
    })
  })

  test('are not touched when a deployment builds none', () => {
    expect(
      images(
        synth({
          images: { build: false, repository: 'r', tags: { backend: '1', frontend: '2' } }
        }).guestbook!
      )
    ).toBeUndefined()
  })

  test('are built before the releases that use them', () => {
    const stack = synth().guestbook!
    for (const name of ['guestbook-backend', 'guestbook-frontend']) {
      expect(
        all(stack, 'helm_release').find(release => release.name === name)!.depends_on
      ).toContainEqual(expect.stringContaining('terraform_data.images'))
    }
  })
})

describe('the guestbook', () => {
  test('has MongoDB in the cluster, with the configured members', () => {
    const stack = synth({
      target: { workers: 3 },
      mongodb: { members: 3, size: '16Gi', backup: true }
    }).guestbook!
    expect(valuesOf(stack, 'guestbook-mongodb')).toMatchObject({
      replicas: 3,
      persistence: { size: '16Gi' },
      backup: { enabled: true }
    })
  })

  test('or an external MongoDB: then it has no release, and its URI is a secret', () => {
    const stack = synth({ mongodb: { mode: 'external', cidrs: ['10.1.0.0/16'] } }).guestbook!
    expect(releases(stack)).toEqual(['guestbook-backend', 'guestbook-frontend'])
    expect(valuesOf(stack, 'guestbook-backend').mongodb).toEqual({
      existingSecret: { name: 'mongodb-uri', key: 'uri' },
      externalCIDRs: ['10.1.0.0/16']
    })
    expect(stack.variable.mongodb_uri).toMatchObject({ sensitive: true, type: 'string' })
    expect(
      all(stack, 'kubernetes_secret_v1').find(({ metadata }) => metadata.name === 'mongodb-uri')!
        .data_wo
    ).toEqual({ uri: '${var.mongodb_uri}' })
  })

  test('scales from the configured number of pods to four times as many', () => {
    const stack = synth({ guestbook: { backendReplicas: 2, autoscaling: true } }).guestbook!
    expect(valuesOf(stack, 'guestbook-backend').autoscaling).toEqual({
      enabled: true,
      minReplicas: 2,
      maxReplicas: 8
    })
  })

  test('has the configured hosts', () => {
    expect(
      valuesOf(synth({ hosts: { guestbook: ['book.example'] } }).guestbook!, 'guestbook-frontend')
        .ingress
    ).toMatchObject({ hosts: ['book.example'] })
  })

  test('sends traces only with Tempo', () => {
    const endpoint = (traces: boolean) =>
      valuesOf(synth({ monitoring: { traces } }).guestbook!, 'guestbook-backend').otlpEndpoint
    expect([endpoint(true), endpoint(false)]).toEqual(['http://tempo.monitoring:4318', undefined])
  })
})

test.each<[string, object]>([
  ['dev', { cluster: [], platform: ['cluster'], guestbook: ['cluster', 'platform'] }],
  ['staging', { platform: [], guestbook: ['platform'] }]
])('the stacks of %s are deployed in this order', (environment, order) => {
  const images = { backend: { repository: 'b', tag: '1' }, frontend: { repository: 'f', tag: '1' } }
  const stacks = inFolder(outdir => {
    buildApp(loadConfig(environment), { images, outdir }).synth()
    return JSON.parse(readFileSync(join(outdir, 'manifest.json'), 'utf8')).stacks
  }) as Record<string, { dependencies: string[] }>
  const found = Object.entries(stacks)
    .map(([name, { dependencies }]) => [name, [...dependencies].sort()])
  expect(Object.fromEntries(found)).toEqual(order)
})

test('a larger cluster has its workers, its address and its images', () => {
  const { cluster } = synth({
    target: { clusterName: 'book', workers: 2, ports: { listenAddress: '0.0.0.0', https: 8443 } },
    mirrors: { preload: ['mongo:8.0', 'node:24'] }
  })
  const { kind_cluster: found, terraform_data: data } = cluster!.resource as Record<string, any>
  expect(found.cluster.kind_config.node.slice(1)).toEqual([{ role: 'worker' }, { role: 'worker' }])
  expect(found.cluster.kind_config.node[0].extra_port_mappings).toEqual([
    { container_port: 80, host_port: 80, listen_address: '0.0.0.0' },
    { container_port: 443, host_port: 8443, listen_address: '0.0.0.0' },
    { container_port: 30002, host_port: 30002, listen_address: '0.0.0.0' }
  ])
  expect(data.preload).toMatchObject({
    triggers_replace: { images: 'mongo:8.0 node:24' },
    provisioner: [
      {
        'local-exec': {
          working_dir: '../../../..',
          command: 'scripts/kind-load book mongo:8.0 node:24'
        }
      }
    ]
  })
  expect(Object.keys(objectsOf(cluster!)).sort())
    .toEqual(['kind_cluster book', 'terraform_data network', 'terraform_data preload'])
})

test('the example of secrets names the variables of the stacks', () => {
  const example = readFileSync(new URL('../../secrets.tfvars.example', import.meta.url), 'utf8')
  expect([...example.matchAll(/^(?:# )?(\w+) = "/gm)].map(([, name]) => name))
    .toEqual(['pagerduty_integration_key', 'heartbeat_url', 'mongodb_uri'])
})

test('cdktf starts the app, and sends no crash reports', () => {
  const read = (file: string) =>
    JSON.parse(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8'))
  expect(read('cdktf.json')).toEqual({
    language: 'typescript',
    app: 'npm run --silent app',
    output: 'cdktf.out',
    projectId: 'guestbook',
    sendCrashReports: 'false',
    terraformProviders: [],
    terraformModules: []
  })
  expect(read('package.json').scripts).toEqual({ app: 'node main.ts' })
})
