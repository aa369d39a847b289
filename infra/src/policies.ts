/** What no stack may hold, whoever writes it: looked for in everything that is about to be written as Terraform. */
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

/** What is wrong with a part of a stack, and what to do. */
type Rule = (part: IConstruct) => string[]

const rules: readonly Rule[] = [
  unpinnedChart,
  unboundedRelease,
  imageWithoutVersion,
  openNamespace,
  plainSecret
]

/** From here on, synthesis fails where a rule is broken, with all that is wrong. */
export function enforcePolicies (scope: IConstruct): void {
  const visit: IAspect['visit'] = part => {
    for (const rule of rules) {
      for (const problem of rule(part)) Annotations.of(part).addError(problem)
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
    `chart ${part.chartInput} has ${part.versionInput ? `version "${part.versionInput}"` : 'no version'}: pin one in components.json`
  ]
}

function unboundedRelease (part: IConstruct): string[] {
  if (!(part instanceof Release) || (part.timeoutInput && part.atomicInput)) return []
  return [
    `release ${part.nameInput} needs timeout and atomic, so that it fails in time and is taken back: use the construct Release`
  ]
}

function imageWithoutVersion (part: IConstruct): string[] {
  if (part instanceof KindCluster) {
    return hasVersion(part.nodeImage) ? [] : [`node image ${part.nodeImage} has no version`]
  }
  if (!(part instanceof Release)) return []
  return entries(valuesOf(part)).flatMap(([path, value]) => {
    if (
      isObject(value) &&
      typeof value.repository === 'string' &&
      !value.digest &&
      (!value.tag || value.tag === 'latest')
    ) {
      return [
        `${part.nameInput}: image ${value.repository} at ${path} has no version: name a tag or a digest`
      ]
    }
    if (path.endsWith('image') && typeof value === 'string' && !hasVersion(value)) {
      return [
        `${part.nameInput}: image ${value} at ${path} has no version: name a tag or a digest`
      ]
    }
    return []
  })
}

const hasVersion = (image: string) => /@sha256:|:(?!latest$)[^/:]+$/.test(image)

function openNamespace (part: IConstruct): string[] {
  if (!(part instanceof NamespaceV1)) return []
  const metadata = part.metadataInput as NamespaceV1Metadata | undefined
  if (metadata?.labels?.['pod-security.kubernetes.io/enforce']) return []
  return [
    `namespace ${metadata?.name} does not say what its pods may do: use the construct Namespace`
  ]
}

const SECRET = /(password|passwd|token|apikey|integrationkey|(?<!existing)secret)$/i

function plainSecret (part: IConstruct): string[] {
  if (part instanceof SecretV1) {
    if (part.dataInput ?? part.binaryDataInput) {
      return [`Secret ${part.node.id} would stand in the state: use dataWo`]
    }
    return Object.entries(part.dataWoInput ?? {})
      .filter(([key, value]) => key !== 'admin-user' && !Token.isUnresolved(value))
      .map(
        ([key]) =>
          `Secret ${part.node.id} has ${key} in plain text: take it from a variable, or make it with Fn.uuid()`
      )
  }
  if (!(part instanceof Release)) return []
  return entries(valuesOf(part))
    .filter(([path, value]) => SECRET.test(path) && typeof value === 'string' && value !== '')
    .map(
      ([path]) =>
        `${part.nameInput}: ${path} is a secret in plain text: put it into a Secret and name that`
    )
}

const valuesOf = (release: Release): unknown => parse((release.valuesInput ?? []).join('\n'))
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

/** Every value with its path, containers included. */
function entries (value: unknown, path = ''): Array<[string, unknown]> {
  if (!isObject(value)) return [[path, value]]
  return [
    [path, value],
    ...Object.entries(value).flatMap(([key, inner]) =>
      entries(inner, path ? `${path}.${key}` : key)
    )
  ]
}
