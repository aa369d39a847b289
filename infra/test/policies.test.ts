import { expect, test } from '@jest/globals'
import { HelmProvider } from '@cdktf/provider-helm/lib/provider/index.js'
import { Release } from '@cdktf/provider-helm/lib/release/index.js'
import { NamespaceV1 } from '@cdktf/provider-kubernetes/lib/namespace-v1/index.js'
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider/index.js'
import { SecretV1, type SecretV1Config } from '@cdktf/provider-kubernetes/lib/secret-v1/index.js'
import { Fn, Testing, TerraformStack } from 'cdktf'
import { enforcePolicies } from '../src/policies.ts'
import { KindProvider } from '../src/kind/provider.ts'
import { KindCluster } from '../src/kind/cluster.ts'
import { inFolder } from './folder.ts'

/** Synthesises a stack to which `fill` adds constructs. */
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

const release = (change: object) => () => synth(stack => {
  const pinned = { repository: 'https://charts.example', version: '1.2.3' }
  new Release(stack, 'release', {
    name: 'thing', chart: 'thing', ...pinned, timeout: 60, atomic: true, ...change
  })
})
/** A release of a chart of this repository. */
const own = (yaml: string) => release({
  repository: undefined, version: undefined, chart: '../../../../charts/thing', values: [yaml]
})
const namespace = (labels?: Record<string, string>) => () => synth(stack => {
  new NamespaceV1(stack, 'namespace', { metadata: { name: 'open', labels } })
})
const secret = (data: Partial<SecretV1Config>) => () => synth(stack => {
  new SecretV1(stack, 'keys', { metadata: { name: 'keys' }, ...data })
})
const node = (nodeImage: string) => () => synth(stack => {
  new KindCluster(stack, 'cluster', { name: 'c', nodeImage, nodes: [], kubeconfigPath: 'k' })
})

const NO_TIMEOUT =
  /release thing needs timeout and atomic, so that it ends and is rolled back: use the/
const SECRET_KEYS = ['password', 'rootPasswd', 'bearer_token', 'apiKey', 'integrationKey',
  'clientSecret', 'secret']

test.each<[string, () => string, RegExp]>([
  ['a chart without version', release({ version: undefined }),
    /chart thing has no version: pin one in components\.json/],
  ['a chart of a range of versions', release({ version: '~1.2' }),
    /chart thing has version "~1\.2"/],
  ['a release without timeout', release({ timeout: undefined }), NO_TIMEOUT],
  ['a release with no time', release({ timeout: 0 }), NO_TIMEOUT],
  ['a release that is not atomic', release({ atomic: false }), NO_TIMEOUT],
  ['an image without tag', own('image: { repository: nginx }'),
    /thing: image nginx at image has no version/],
  ['an image with an empty tag', own('image: { repository: nginx, tag: "" }'),
    /image nginx at image has no version: name a tag or a digest/],
  ['the image "latest"', own('a: { image: { repository: nginx, tag: latest } }'),
    /image nginx at a\.image has no version/],
  ['the image "latest" of a third-party chart',
    release({ values: ['image: { repository: nginx, tag: latest }'] }),
    /image nginx at image has no version/],
  ['an image in one string without tag', own('image: registry:5000/nginx'),
    /image registry:5000\/nginx at image has no version/],
  ['an image whose string says "latest"', own('sidecar: { image: "nginx:latest" }'),
    /image nginx:latest at sidecar\.image has no version: name a tag or a digest/],
  ['an image far inside', own('list: [{ initImage: nginx }, { image: nginx }]'),
    /image nginx at list\.1\.image has no version/],
  ['a password among the values', own('admin: { adminPassword: hunter2 }'),
    /thing: admin\.adminPassword is a secret in plain text/],
  ['a token among the values', own('token: abc'), /thing: token is a secret in plain text/],
  ...SECRET_KEYS.map((key): [string, () => string, RegExp] => [
    `${key} among the values`, own(`a: { ${key}: x }`),
    new RegExp(`thing: a\\.${key} is a secret in plain text: refer to a Secret instead`)
  ]),
  ['a Secret that would be in the state', secret({ data: { key: 'x' } }),
    /Secret keys would be in the state: use dataWo/],
  ['a Secret of bytes that would be in the state', secret({ binaryData: { key: 'eA==' } }),
    /Secret keys would be in the state/],
  ['a Secret in plain text', secret({ dataWo: { key: 'x' } }), /Secret keys has key in plain text/],
  ['a Secret with one key in plain text', secret({ dataWo: { made: Fn.uuid(), other: 'x' } }),
    /Secret keys has other in plain text: use a variable or Fn\.uuid\(\)/],
  ['a namespace without Pod Security Standard', namespace(),
    /namespace open has no Pod Security Standard/],
  ['a namespace with other labels', namespace({ 'pod-security.kubernetes.io/warn': 'restricted' }),
    /namespace open has no Pod Security Standard: use the construct Namespace/],
  ['the node image "latest"', node('kindest/node:latest'),
    /node image kindest\/node:latest has no version/],
  ['a node image without tag', node('kindest/node'), /node image kindest\/node has no version/]
])('synthesis fails on %s', (_, synthesise, problem) => {
  expect(synthesise).toThrow(problem)
})

test.each<[string, () => string]>([
  ['a pinned release', release({})],
  ['a chart in a folder, which has no version',
    release({ repository: undefined, version: undefined, chart: '../charts/thing' })],
  ['an image of a third-party chart, which has a tag of its own',
    release({ values: ['image: { repository: nginx }'] })],
  ['images with tag or digest',
    own('image: { repository: nginx, tag: "1.29" }\nother: { image: "nginx@sha256:abc" }')],
  ['an image with a digest instead of a tag',
    own('image: { repository: nginx, digest: "sha256:abc" }\nother: { image: "r:5000/nginx:1" }')],
  ['a node image with a digest', node('kindest/node@sha256:abc')],
  ['settings that are named like secrets, and contain none',
    own('a: { password: "", token: 5, secret: { name: x }, existingSecret: y }')],
  ['names of Secrets', own('auth: { existingSecret: admin, passwordKey: admin-password }')],
  ["the name of Grafana's administrator", secret({ dataWo: { 'admin-user': 'admin' } })],
  ['a Secret that Terraform generates', secret({ dataWo: { key: Fn.uuid() } })],
  ['a namespace with a Pod Security Standard',
    namespace({ 'pod-security.kubernetes.io/enforce': 'baseline' })]
])('synthesis accepts %s', (_, synthesise) => {
  expect(synthesise()).toContain('"resource"')
})
