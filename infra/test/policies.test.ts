import { describe, expect, test } from '@jest/globals'
import { HelmProvider } from '@cdktf/provider-helm/lib/provider/index.js'
import { Release } from '@cdktf/provider-helm/lib/release/index.js'
import { NamespaceV1 } from '@cdktf/provider-kubernetes/lib/namespace-v1/index.js'
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider/index.js'
import { SecretV1 } from '@cdktf/provider-kubernetes/lib/secret-v1/index.js'
import { Fn, Testing, TerraformStack } from 'cdktf'
import { enforcePolicies } from '../src/policies.ts'
import { KindProvider } from '../src/kind/provider.ts'
import { KindCluster } from '../src/kind/cluster.ts'
import { inFolder } from './folder.ts'

/** Synthesises a stack that holds what `fill` puts into it. */
const synth = (fill: (stack: TerraformStack) => void): string => inFolder(outdir => {
  const app = Testing.app({ outdir })
  const stack = new TerraformStack(app, 'stack')
  new HelmProvider(stack, 'helm')
  new KubernetesProvider(stack, 'kubernetes')
  new KindProvider(stack, 'kind')
  enforcePolicies(stack)
  fill(stack)
  app.synth()
  return Testing.synth(stack)
})

const good = {
  name: 'thing',
  repository: 'https://charts.example',
  chart: 'thing',
  version: '1.2.3',
  timeout: 60,
  atomic: true
}
const release = (change: object) =>
  synth(stack => {
    new Release(stack, 'release', { ...good, ...change })
  })
const OWN = { repository: undefined, version: undefined, chart: '../../../../charts/thing' }
const values = (yaml: string) => () => release({ ...OWN, values: [yaml] })

describe('synthesis fails on', () => {
  test.each<[string, () => string, RegExp]>([
    [
      'a chart without version',
      () => release({ version: undefined }),
      /chart thing has no version: pin one in components\.json/
    ],
    [
      'a chart of a range of versions',
      () => release({ version: '~1.2' }),
      /chart thing has version "~1\.2"/
    ],
    [
      'a release without timeout',
      () => release({ timeout: undefined }),
      /release thing needs timeout and atomic/
    ],
    [
      'a release that is not atomic',
      () => release({ atomic: false }),
      /release thing needs timeout and atomic/
    ],
    [
      'an image without tag',
      values('image: { repository: nginx }'),
      /thing: image nginx at image has no version/
    ],
    [
      'the image "latest"',
      values('a: { image: { repository: nginx, tag: latest } }'),
      /image nginx at a\.image has no version/
    ],
    [
      'an image in one string without tag',
      values('image: registry:5000/nginx'),
      /image registry:5000\/nginx at image has no version/
    ],
    [
      'a password among the values',
      values('admin: { adminPassword: hunter2 }'),
      /thing: admin\.adminPassword is a secret in plain text/
    ],
    ['a token among the values', values('token: abc'), /thing: token is a secret in plain text/],
    [
      'a namespace that says nothing of pod security',
      () =>
        synth(stack => {
          new NamespaceV1(stack, 'namespace', { metadata: { name: 'open' } })
        }),
      /namespace open has no Pod Security Standard/
    ],
    [
      'a Secret that would be in the state',
      () =>
        synth(stack => {
          new SecretV1(stack, 'keys', { metadata: { name: 'keys' }, data: { key: 'x' } })
        }),
      /Secret keys would be in the state: use dataWo/
    ],
    [
      'a Secret in plain text',
      () =>
        synth(stack => {
          new SecretV1(stack, 'keys', { metadata: { name: 'keys' }, dataWo: { key: 'x' } })
        }),
      /Secret keys has key in plain text/
    ],
    [
      'a release without anything',
      () => release({ timeout: 0 }),
      /release thing needs timeout and atomic, so that it ends and is rolled back: use the/
    ],
    [
      'the image "latest" of a third-party chart',
      () => release({ values: ['image: { repository: nginx, tag: latest }'] }),
      /image nginx at image has no version/
    ],
    [
      'an image of a number',
      values('image: { repository: nginx, tag: "" }'),
      /image nginx at image has no version: name a tag or a digest/
    ],
    [
      'an image whose string says "latest"',
      values('sidecar: { image: "nginx:latest" }'),
      /image nginx:latest at sidecar\.image has no version: name a tag or a digest/
    ],
    [
      'an image far inside',
      values('list: [{ initImage: nginx }, { image: nginx }]'),
      /image nginx at list\.1\.image has no version/
    ],
    ...[
      'password',
      'rootPasswd',
      'bearer_token',
      'apiKey',
      'integrationKey',
      'clientSecret',
      'secret'
    ].map((key): [string, () => string, RegExp] => [
      `${key} among the values`,
      values(`a: { ${key}: x }`),
      new RegExp(`thing: a\\.${key} is a secret in plain text: refer to a Secret instead`)
    ]),
    [
      'a Secret of bytes that would be in the state',
      () =>
        synth(stack => {
          new SecretV1(stack, 'keys', { metadata: { name: 'keys' }, binaryData: { key: 'eA==' } })
        }),
      /Secret keys would be in the state/
    ],
    [
      'a Secret of which one key is in plain text',
      () =>
        synth(stack => {
          new SecretV1(stack, 'keys', {
            metadata: { name: 'keys' },
            dataWo: { made: Fn.uuid(), other: 'x' }
          })
        }),
      /Secret keys has other in plain text: use a variable or Fn\.uuid\(\)/
    ],
    [
      'a namespace with labels of another kind',
      () =>
        synth(stack => {
          new NamespaceV1(stack, 'namespace', {
            metadata: {
              name: 'open',
              labels: { 'pod-security.kubernetes.io/warn': 'restricted' }
            }
          })
        }),
      /namespace open has no Pod Security Standard: use the construct Namespace/
    ],
    [
      'the node image "latest"',
      () =>
        synth(stack => {
          new KindCluster(stack, 'cluster', {
            name: 'c',
            nodeImage: 'kindest/node:latest',
            nodes: [],
            kubeconfigPath: 'k'
          })
        }),
      /node image kindest\/node:latest has no version/
    ],
    [
      'a node image without tag',
      () =>
        synth(stack => {
          new KindCluster(stack, 'cluster', {
            name: 'c',
            nodeImage: 'kindest/node',
            nodes: [],
            kubeconfigPath: 'k'
          })
        }),
      /node image kindest\/node has no version/
    ]
  ])('%s', (_, make, problem) => {
    expect(make).toThrow(problem)
  })
})

describe('synthesis accepts', () => {
  test.each<[string, () => string]>([
    ['a pinned release', () => release({})],
    [
      'a chart in a folder, which has no version',
      () => release({ repository: undefined, version: undefined, chart: '../charts/thing' })
    ],
    [
      'an image of a third-party chart, which has a tag of its own',
      () => release({ values: ['image: { repository: nginx }'] })
    ],
    [
      'images with tag or digest',
      values('image: { repository: nginx, tag: "1.29" }\nother: { image: "nginx@sha256:abc" }')
    ],
    [
      'a node image with a digest',
      () =>
        synth(stack => {
          new KindCluster(stack, 'cluster', {
            name: 'c',
            nodeImage: 'kindest/node@sha256:abc',
            nodes: [],
            kubeconfigPath: 'k'
          })
        })
    ],
    [
      'an image with a digest instead of a tag',
      values(
        'image: { repository: nginx, digest: "sha256:abc" }\nother: { image: "r:5000/nginx:1" }'
      )
    ],
    [
      'settings that are named as secrets are, and hold none',
      values('a: { password: "", token: 5, secret: { name: x }, existingSecret: y }')
    ],
    [
      "the name of Grafana's administrator",
      () =>
        synth(stack => {
          new SecretV1(stack, 'keys', {
            metadata: { name: 'keys' },
            dataWo: { 'admin-user': 'admin' }
          })
        })
    ],
    [
      'a namespace that says what its pods may do',
      () =>
        synth(stack => {
          new NamespaceV1(stack, 'namespace', {
            metadata: { name: 'n', labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } }
          })
        })
    ],
    ['names of Secrets', values('auth: { existingSecret: admin, passwordKey: admin-password }')],
    [
      'a Secret that Terraform makes up',
      () =>
        synth(stack => {
          new SecretV1(stack, 'keys', { metadata: { name: 'keys' }, dataWo: { key: Fn.uuid() } })
        })
    ]
  ])('%s', (_, make) => {
    expect(make()).toContain('"resource"')
  })
})
