import { describe, expect, test } from '@jest/globals'
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { all, bare, releases, synth, valuesOf, type Stack } from '../synth.ts'

describe('Argo CD as an option', () => {
  const delivery = {
    images: { repository: 'registry.example' },
    delivery: {
      mode: 'argocd',
      repository: 'https://git.example/guestbook.git',
      revision: 'release'
    }
  }
  const { platform, guestbook } = synth(delivery) as { platform: Stack, guestbook: Stack }
  const byHelm = synth({ images: delivery.images })
  const applications = () => valuesOf(platform, 'applications').applications

  test('is deployed after the platform', () => {
    expect(releases(platform)).toEqual(
      ['applications', 'argo-cd', ...releases(byHelm.platform!)].sort()
    )
    const { depends_on: needed } = all(platform, 'helm_release').find(
      ({ name }) => name === 'applications'
    )!
    expect(needed).toEqual([
      expect.stringContaining('argo-cd'),
      expect.stringContaining('rights'),
      expect.stringContaining('prometheus')
    ])
  })

  test('leaves Terraform no release of the workloads, and no image to build', () => {
    expect(releases(guestbook)).toEqual([])
    expect(
      all(guestbook, 'terraform_data').filter(({ triggers_replace: triggers }) => triggers.images)
    ).toEqual([])
  })

  test('adopts running workloads: Terraform forgets its releases and uninstalls none', () => {
    const owned = Object.keys(byHelm.guestbook!.resource.helm_release!).map(name => ({
      from: `helm_release.${name}`,
      lifecycle: { destroy: false }
    }))
    expect(guestbook.removed).toHaveLength(3)
    expect(guestbook.removed).toEqual(expect.arrayContaining(owned))
    expect(guestbook.resource).not.toHaveProperty('helm_release')
  })

  test('deletes the records of Helm', () => {
    expect(all(guestbook, 'terraform_data')[0]!.provisioner[0]['local-exec']).toEqual({
      command:
        'kubectl --context kind-guestbook delete secrets --namespace guestbook --selector ' +
          "'owner=helm,name in (guestbook-mongodb,guestbook-backend,guestbook-frontend)'",
      environment: { KUBECONFIG: expect.stringContaining('kubeconfig_path') }
    })
  })

  test('keeps the workloads when it is removed: no finalizers, and Helm can adopt them', () => {
    for (const application of Object.values<object>(applications())) {
      expect(application).not.toHaveProperty('finalizers')
    }
    for (const release of all(byHelm.guestbook!, 'helm_release')) {
      expect(release.take_ownership).toBe(true)
    }
    for (const release of all(byHelm.platform!, 'helm_release')) {
      expect(release).not.toHaveProperty('take_ownership')
    }
  })

  test('takes the three charts from Git', () => {
    expect(
      Object.values<any>(applications()).map(({ source }) => [
        source.helm.releaseName,
        source.path,
        source.targetRevision
      ])
    ).toEqual([
      ['guestbook-mongodb', 'charts/guestbook-mongodb', 'release'],
      ['guestbook-backend', 'charts/guestbook-backend', 'release'],
      ['guestbook-frontend', 'charts/guestbook-frontend', 'release']
    ])
  })

  test('does not adopt or forget an external MongoDB', () => {
    const stacks = synth({ ...delivery, mongodb: { mode: 'external', cidrs: ['10.1.0.0/16'] } })
    expect(Object.keys(valuesOf(stacks.platform!, 'applications').applications)).toEqual([
      'guestbook-backend',
      'guestbook-frontend'
    ])
    expect(stacks.guestbook!.removed).toHaveLength(2)
  })

  test('has the images named by files in Git, which nothing here overrides', () => {
    const { helm } = applications()['guestbook-backend'].source
    expect(helm).toMatchObject({
      valueFiles: ['../../infra/argocd/backend.yaml'],
      ignoreMissingValueFiles: true
    })
    expect(helm.valuesObject).not.toHaveProperty('image')
  })

  test('passes the same other values to the workloads', () => {
    const { image, ...values } = valuesOf(byHelm.guestbook!, 'guestbook-backend')
    expect(applications()['guestbook-backend'].source.helm.valuesObject).toEqual(values)
    expect(applications()['guestbook-mongodb'].source.helm.valuesObject).toEqual(
      valuesOf(byHelm.guestbook!, 'guestbook-mongodb')
    )
  })

  test('may use that repository and that namespace only', () => {
    expect(valuesOf(platform, 'applications').projects.guestbook).toMatchObject({
      sourceRepos: ['https://git.example/guestbook.git'],
      destinations: [
        {
          namespace: expect.stringContaining('tenant_guestbook'),
          server: 'https://kubernetes.default.svc'
        }
      ],
      clusterResourceWhitelist: []
    })
  })

  test('has the deployer\'s rights in that namespace only', () => {
    const [rights] = all(platform, 'kubernetes_role_binding_v1').filter(
      ({ metadata }) => metadata.name === 'argocd'
    )
    expect(rights).toMatchObject({
      metadata: { namespace: expect.stringContaining('tenant_guestbook') },
      role_ref: { kind: 'Role', name: expect.stringContaining('tenant_role') },
      subject: [{ name: 'argocd-application-controller' }, { name: 'argocd-server' }]
    })
    expect(valuesOf(platform, 'argo-cd')).toMatchObject({
      createClusterRoles: false,
      configs: {
        clusterCredentials: { 'in-cluster': { namespaces: rights!.metadata.namespace } }
      }
    })
  })

  test('keeps the Secrets, so that a switch changes no token', () => {
    expect(all(guestbook, 'kubernetes_secret_v1')).toEqual(
      all(byHelm.guestbook!, 'kubernetes_secret_v1')
    )
  })
})

describe('the deployer of the guestbook', () => {
  const role = all(synth().platform!, 'kubernetes_role_v1')[0]!
  const may = (kind: string) =>
    role.rule.some(
      ({ resources, verbs }: any) =>
        verbs.includes('create') &&
        resources.some((resource: string) =>
          PLURALS.some(
            plural =>
              resource === kind.toLowerCase() + plural ||
              resource === kind.toLowerCase().replace(/y$/, 'ies')
          )
        )
    )
  const PLURALS = ['s', 'es']
  const charts = fileURLToPath(new URL('../../../charts', import.meta.url))
  const kinds = new Set(
    globSync('guestbook-*/templates/**/*.yaml', { cwd: charts }).flatMap(file =>
      [...readFileSync(`${charts}/${file}`, 'utf8').matchAll(/^kind: (\w+)/gm)].map(
        ([, kind]) => kind!
      )
    )
  )

  test.each([...kinds])('may create every %s of the charts', kind => {
    expect(may(kind)).toBe(true)
  })

  test('has no rights outside its namespace and no wildcards', () => {
    const { resource } = synth().platform!
    expect(
      Object.keys(resource).filter(type => type.startsWith('kubernetes_cluster_role'))
    ).toEqual([])
    expect(role.metadata).toMatchObject({
      name: 'guestbook-deployer',
      namespace: expect.stringContaining('tenant_guestbook')
    })
    expect(JSON.stringify(role.rule)).not.toContain('*')
  })
})

describe('the state', () => {
  test('uses the configured backend, with one object for each environment and stack', () => {
    const stacks = synth({
      state: { backend: 's3', settings: { bucket: 'states', region: 'eu-central-1' } }
    })
    expect(stacks.platform!.terraform.backend).toEqual({
      s3: { bucket: 'states', region: 'eu-central-1', key: 'guestbook/dev/platform' }
    })
    expect(
      stacks.platform!.data.terraform_remote_state['cross-stack-reference-input-cluster']
    ).toMatchObject({ backend: 's3', config: { bucket: 'states', key: 'guestbook/dev/cluster' } })
  })

  test('a state behind HTTP has its own address, and so has its lock', () => {
    const settings = {
      address: 'https://states.example/guestbook/',
      lock_address: 'https://states.example/locks',
      lock_method: 'POST'
    }
    expect(synth({ state: { backend: 'http', settings } }).platform!.terraform.backend).toEqual({
      http: {
        address: 'https://states.example/guestbook/dev/platform',
        lock_address: 'https://states.example/locks/dev/platform',
        lock_method: 'POST'
      }
    })
  })
})

test('Argo CD gets complete Applications, and one project that restricts them', () => {
  const repository = 'https://git.example/guestbook.git'
  const { platform } = synth({
    images: { repository: 'registry.example' },
    delivery: { mode: 'argocd', repository, revision: 'release' }
  })
  const namespace = '${kubernetes_namespace_v1.tenant_guestbook_namespace.metadata[0].name}'
  const destination = { namespace, server: 'https://kubernetes.default.svc' }
  const application = (name: string, images: object) => ({
    namespace: 'argocd',
    project: 'guestbook',
    source: {
      repoURL: repository,
      targetRevision: 'release',
      path: `charts/${name}`,
      helm: { releaseName: name, valuesObject: expect.any(Object), ...images }
    },
    destination,
    syncPolicy: {
      automated: { prune: true, selfHeal: true }, retry: { limit: 10, refresh: true }
    }
  })
  const imagesOf = (service: string) =>
    ({ valueFiles: [`../../infra/argocd/${service}.yaml`], ignoreMissingValueFiles: true })
  expect(bare(valuesOf(platform!, 'applications'))).toEqual({
    projects: {
      guestbook: {
        namespace: 'argocd',
        sourceRepos: [repository],
        destinations: [destination],
        clusterResourceWhitelist: [],
        namespaceResourceWhitelist: [{ group: '*', kind: '*' }]
      }
    },
    applications: {
      'guestbook-mongodb': application('guestbook-mongodb', {}),
      'guestbook-backend': application('guestbook-backend', imagesOf('backend')),
      'guestbook-frontend': application('guestbook-frontend', imagesOf('frontend'))
    }
  })
})
