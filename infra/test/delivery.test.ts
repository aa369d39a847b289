import { describe, expect, test } from '@jest/globals'
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { all, releases, synth, valuesOf } from './synth.ts'

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
