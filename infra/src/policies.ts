/** Policies for all stacks. Synthesis fails where one is violated. */
import { Release } from '@cdktf/provider-helm/lib/release/index.js'
import {
  NamespaceV1,
  type NamespaceV1Metadata
} from '@cdktf/provider-kubernetes/lib/namespace-v1/index.js'
import { SecretV1 } from '@cdktf/provider-kubernetes/lib/secret-v1/index.js'
import { Annotations, Aspects, Token, type IAspect } from 'cdktf'
import type { IConstruct } from 'constructs'
import { parse } from 'yaml'
import { KindCluster } from './kind/cluster.ts'
import { ROOT } from './paths.ts'

/** Returns the violations of a construct, each with what to do. */
type Policy = (part: IConstruct) => string[]

const policies: readonly Policy[] = [
  unpinnedChart,
  unboundedRelease,
  imageWithoutVersion,
  openNamespace,
  plainSecret
]

/** Checks every construct of a scope at synthesis, and reports all violations. */
export function enforcePolicies (scope: IConstruct): void {
  const visit: IAspect['visit'] = part => {
    for (const policy of policies) {
      for (const problem of policy(part)) Annotations.of(part).addError(problem)
    }
  }
  Aspects.of(scope).add({ visit })
}

function unpinnedChart (part: IConstruct): string[] {
  if (
    !(part instanceof Release) ||
    !part.repositoryInput ||
    /^\d+\.\d+\.\d+/.test(part.versionInput ?? '')
  ) { return [] }
  return [
    `chart ${part.chartInput} has ${
      part.versionInput ? `version "${part.versionInput}"` : 'no version'
    }: pin one in components.json`
  ]
}

function unboundedRelease (part: IConstruct): string[] {
  if (!(part instanceof Release) || (part.timeoutInput && part.atomicInput)) return []
  return [
    `release ${part.nameInput} needs timeout and atomic, so that it ends and is rolled back: ` +
      'use the construct Release'
  ]
}

function imageWithoutVersion (part: IConstruct): string[] {
  if (part instanceof KindCluster) {
    return hasVersion(part.nodeImage) ? [] : [`node image ${part.nodeImage} has no version`]
  }
  if (!(part instanceof Release)) return []
  // A third-party chart has a tag of its own; its version is pinned.
  const own = part.chartInput?.startsWith(`${ROOT}/charts/`)
  return entries(valuesOf(part)).flatMap(([path, value]) => {
    const image = imageAt(path, value)
    if (!image || image.digest || (image.tag ? image.tag !== 'latest' : !own)) return []
    return [
      `${part.nameInput}: image ${image.repository} at ${path} has no version: ` +
        'name a tag or a digest'
    ]
  })
}

interface Image { readonly repository: string, readonly tag?: unknown, readonly digest?: unknown }

/** An image in the values of a release: an object with a repository, or a text. */
function imageAt (path: string, value: unknown): Image | undefined {
  if (isObject(value) && typeof value.repository === 'string') return value as unknown as Image
  if (!path.endsWith('image') || typeof value !== 'string') return undefined
  return { repository: value, tag: hasVersion(value) ? 'named' : 'latest' }
}

const hasVersion = (image: string) => /@sha256:|:(?!latest$)[^/:]+$/.test(image)

function openNamespace (part: IConstruct): string[] {
  if (!(part instanceof NamespaceV1)) return []
  const metadata = part.metadataInput as NamespaceV1Metadata | undefined
  if (metadata?.labels?.['pod-security.kubernetes.io/enforce']) return []
  return [
    `namespace ${metadata?.name} has no Pod Security Standard: use the construct Namespace`
  ]
}

const SECRET = /(password|passwd|token|apikey|integrationkey|(?<!existing)secret)$/i

function plainSecret (part: IConstruct): string[] {
  if (part instanceof SecretV1) {
    if (part.dataInput ?? part.binaryDataInput) {
      return [`Secret ${part.node.id} would be in the state: use dataWo`]
    }
    return Object.entries(part.dataWoInput ?? {})
      .filter(([key, value]) => key !== 'admin-user' && !Token.isUnresolved(value))
      .map(
        ([key]) =>
          `Secret ${part.node.id} has ${key} in plain text: use a variable or Fn.uuid()`
      )
  }
  if (!(part instanceof Release)) return []
  return entries(valuesOf(part))
    .filter(([path, value]) => SECRET.test(path) && typeof value === 'string' && value !== '')
    .map(
      ([path]) =>
        `${part.nameInput}: ${path} is a secret in plain text: refer to a Secret instead`
    )
}

const valuesOf = (release: Release): unknown => parse((release.valuesInput ?? []).join('\n'))
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/** Every value with its path, objects included. */
function entries (value: unknown, path = ''): Array<[string, unknown]> {
  if (!isObject(value)) return [[path, value]]
  return [
    [path, value],
    ...Object.entries(value).flatMap(([key, inner]) =>
      entries(inner, path ? `${path}.${key}` : key)
    )
  ]
}
