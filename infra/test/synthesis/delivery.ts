import { describe, expect, test } from '@jest/globals'
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { all, bare, objectsOf, releases, synth, valuesOf, type Stack } from '../synth.ts'

describe('Argo CD as an option', () => {
  const repository = 'https://git.example/guestbook.git'
  const images = { repository: 'registry.example' }
  const settings = { images, delivery: { mode: 'argocd', repository, revision: 'release' } }
  const { platform, guestbook } = synth(settings) as { platform: Stack, guestbook: Stack }
  const byHelm = synth({ images })

  test('is deployed besides the platform', () => {
    expect(releases(platform))
      .toEqual(['applications', 'argo-cd', ...releases(byHelm.platform!)].sort())
  })

  test('leaves Terraform the Secrets: no release of the workloads, and no image to build', () => {
    expect(Object.keys(objectsOf(guestbook)).sort()).toEqual([
      'kubernetes_secret_v1 guestbook-tokens', 'terraform_data handover_records'
    ])
  })

  test('adopts running workloads: Terraform forgets its releases and uninstalls none', () => {
    const owned = Object.keys(byHelm.guestbook!.resource.helm_release!)
      .map(name => ({ from: `helm_release.${name}`, lifecycle: { destroy: false } }))
    expect(guestbook.removed).toHaveLength(3)
    expect(guestbook.removed).toEqual(expect.arrayContaining(owned))
  })

  test('does not adopt or forget an external MongoDB', () => {
    const stacks = synth({ ...settings, mongodb: { mode: 'external', cidrs: ['10.1.0.0/16'] } })
    expect(Object.keys(valuesOf(stacks.platform!, 'applications').applications))
      .toEqual(['guestbook-backend', 'guestbook-frontend'])
    expect(stacks.guestbook!.removed).toHaveLength(2)
  })

  test('passes the same values to the workloads, except images, which files in Git name', () => {
    const { applications } = valuesOf(platform, 'applications')
    for (const name of releases(byHelm.guestbook!)) {
      const { image, ...values } = valuesOf(byHelm.guestbook!, name)
      expect(applications[name].source.helm.valuesObject)
        .toEqual(name === 'guestbook-mongodb' ? { image, ...values } : values)
    }
  })

  test('gets complete Applications without finalizers, and one project that restricts them', () => {
    const namespace = '${kubernetes_namespace_v1.tenant_guestbook_namespace.metadata[0].name}'
    const destination = { namespace, server: 'https://kubernetes.default.svc' }
    const application = (name: string, imagesOf?: string) => ({
      namespace: 'argocd',
      project: 'guestbook',
      source: {
        repoURL: repository,
        targetRevision: 'release',
        path: `charts/${name}`,
        helm: {
          releaseName: name,
          valuesObject: expect.any(Object),
          ...(imagesOf && {
            valueFiles: [`../../infra/argocd/${imagesOf}.yaml`], ignoreMissingValueFiles: true
          })
        }
      },
      destination,
      syncPolicy: {
        automated: { prune: true, selfHeal: true }, retry: { limit: 10, refresh: true }
      }
    })
    expect(bare(valuesOf(platform, 'applications'))).toEqual({
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
        'guestbook-mongodb': application('guestbook-mongodb'),
        'guestbook-backend': application('guestbook-backend', 'backend'),
        'guestbook-frontend': application('guestbook-frontend', 'frontend')
      }
    })
  })
})

describe('the deployer of the guestbook', () => {
  const [role] = all(synth().platform!, 'kubernetes_role_v1')
  const creatable: string[] = role!.rule.flatMap(({ resources, verbs }: Record<string, string[]>) =>
    verbs!.includes('create') ? resources : [])
  const charts = fileURLToPath(new URL('../../../charts', import.meta.url))
  const templates = globSync('guestbook-*/templates/**/*.yaml', { cwd: charts })
    .map(file => readFileSync(`${charts}/${file}`, 'utf8')).join('\n')
  const kinds = new Set([...templates.matchAll(/^kind: (\w+)/gm)].map(([, kind]) => kind!))

  test.each([...kinds])('may create every %s of the charts', kind => {
    const name = kind.toLowerCase()
    const plurals = [`${name}s`, `${name}es`, name.replace(/y$/, 'ies')]
    expect(creatable.filter(resource => plurals.includes(resource))).toHaveLength(1)
  })
})
