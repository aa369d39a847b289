/**
 * Writes the JSON schemas with which kubeconform validates manifests to .tools/schemas, unless they
 * exist. Their source are the Go modules of Kubernetes and of the Prometheus operator.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'

const KUBERNETES = 'k8s.io/kubernetes@v1.34.4'
const PROMETHEUS_OPERATOR = 'github.com/prometheus-operator/prometheus-operator@v0.93.1'

type Json = Record<string, unknown>
interface GroupVersionKind { group: string, version: string, kind: string }
interface Definition extends Json { 'x-kubernetes-group-version-kind'?: GroupVersionKind[] }
interface CustomResource {
  spec: {
    group: string
    names: { kind: string }
    versions: Array<{ name: string; schema: { openAPIV3Schema: Json } }>
  }
}

const versions = [KUBERNETES, PROMETHEUS_OPERATOR]
  .map(module => module.replace(/.*\/|@/g, ''))
  .join('-')
const home = new URL('../.tools/schemas/', import.meta.url).pathname
const target = join(home, versions)
if (!existsSync(target)) {
  console.log('schemas: fetching those of Kubernetes and ServiceMonitor as Go modules (23 MB)')
  rmSync(home, { recursive: true, force: true })
  const scratch = `${target}.part`
  mkdirSync(scratch, { recursive: true })
  writeKubernetesSchemas(folderOf(KUBERNETES), scratch)
  writeCustomResourceSchemas(folderOf(PROMETHEUS_OPERATOR), scratch)
  renameSync(scratch, target)
}

function folderOf (module: string): string {
  const answer = execFileSync('go', ['mod', 'download', '-json', module], {
    cwd: tmpdir(),
    encoding: 'utf8',
    env: { ...process.env, GOFLAGS: '' }
  })
  return (JSON.parse(answer) as { Dir: string }).Dir
}

function writeKubernetesSchemas (folder: string, scratch: string): void {
  const { definitions } = JSON.parse(
    readFileSync(join(folder, 'api/openapi-spec/swagger.json'), 'utf8')
  ) as { definitions: Record<string, Definition> }
  const strict = Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [
      name,
      toStrict(definition) as Definition
    ])
  )
  for (const [name, definition] of Object.entries(strict)) {
    const kinds = definition['x-kubernetes-group-version-kind'] ?? []
    // Only options of requests have several kinds, and never appear in manifests.
    if (kinds.length !== 1 || !kinds[0]) continue
    write(scratch, kinds[0], {
      $ref: `#/definitions/${name}`,
      definitions: reachable(name, strict)
    })
  }
}

function writeCustomResourceSchemas (folder: string, scratch: string): void {
  const crds = join(folder, 'example/prometheus-operator-crd')
  for (const resource of ['servicemonitors', 'podmonitors']) {
    const { spec } = parse(
      readFileSync(join(crds, `monitoring.coreos.com_${resource}.yaml`), 'utf8')
    ) as CustomResource
    for (const { name, schema } of spec.versions) {
      write(
        scratch,
        { group: spec.group, version: name, kind: spec.names.kind },
        toStrict(schema.openAPIV3Schema)
      )
    }
  }
}

/** File names as kubeconform expects them: deployment-apps-v1.json, service-v1.json. */
function write (folder: string, { group, version, kind }: GroupVersionKind, schema: Json): void {
  const parts = [kind, ...(group ? [group.split('.')[0]] : []), version]
  writeFileSync(join(folder, `${parts.join('-').toLowerCase()}.json`), JSON.stringify(schema))
}

/** Rejects unknown fields, and replaces the extensions of OpenAPI by JSON schema. */
function toStrict ({ format, description, ...schema }: Json): Json {
  if (format === 'int-or-string' || schema['x-kubernetes-int-or-string']) {
    return { oneOf: [{ type: 'string' }, { type: 'integer' }] }
  }
  for (const key of ['items', 'additionalProperties', 'not']) {
    if (isSchema(schema[key])) schema[key] = toStrict(schema[key])
  }
  for (const key of ['allOf', 'anyOf', 'oneOf']) {
    if (Array.isArray(schema[key])) schema[key] = (schema[key] as Json[]).map(toStrict)
  }
  if (!isSchema(schema.properties)) return schema
  schema.properties = Object.fromEntries(
    Object.entries(schema.properties).map(([name, property]) => [
      name,
      toStrict(property as Json)
    ])
  )
  return schema['x-kubernetes-preserve-unknown-fields']
    ? schema
    : { additionalProperties: false, ...schema }
}

function isSchema (value: unknown): value is Json {
  return typeof value === 'object' && value !== null
}

function reachable (
  name: string,
  definitions: Record<string, Definition>,
  found: Record<string, Definition> = {}
): Record<string, Definition> {
  const definition = definitions[name]
  if (!definition || found[name]) return found
  found[name] = definition
  for (const [, next = ''] of JSON.stringify(definition).matchAll(/"#\/definitions\/([^"]+)"/g)) {
    reachable(next, definitions, found)
  }
  return found
}
