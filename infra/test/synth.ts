/** Synthesis in this process, into a temporary folder. It needs no Terraform and no cluster. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildApp } from '../src/app.ts'
import { components } from '../src/components.ts'
import { loadConfig } from '../src/config/load.ts'
import { parse } from 'yaml'
import { inFolder } from './folder.ts'

type Resource = Record<string, any>
export interface Stack {
  readonly resource: Record<string, Record<string, Resource>>
  readonly [section: string]: any
}

const images = {
  backend: { repository: 'guestbook-backend', tag: 'b1' },
  frontend: { repository: 'guestbook-frontend', tag: 'f1' }
}

/** Writes the Terraform files of a configuration, and calls `use` with a reader of them. */
export function writeFiles<T> (
  overrides: unknown, environment: string, use: (read: (path: string) => string) => T
): T {
  return inFolder(outdir => {
    buildApp(loadConfig(environment, overrides), { images, outdir }).synth()
    return use(path => readFileSync(join(outdir, path), 'utf8'))
  })
}

const synthesise = (overrides: unknown, environment: string): Record<string, Stack> =>
  writeFiles(overrides, environment, read => {
    const { stacks } = JSON.parse(read('manifest.json'))
    return Object.fromEntries(Object.entries<{ synthesizedStackPath: string }>(stacks)
      .map(([name, { synthesizedStackPath }]) => [name, JSON.parse(read(synthesizedStackPath))]))
  })

const done = new Map<string, Record<string, Stack>>()

/** The stacks of an environment, by name. Results are cached unless `charts` are read. */
export function synth (overrides: unknown = {}, environment = 'dev'): Record<string, Stack> {
  const key = JSON.stringify([overrides, environment])
  const stacks = done.get(key) ?? synthesise(overrides, environment)
  if (!key.includes('"charts"')) done.set(key, stacks)
  return stacks
}

/** All resources of a type. */
export const all = (stack: Stack, type: string): Resource[] =>
  Object.values(stack.resource[type] ?? {})

/** The values of a Helm release, as the chart gets them. */
export function valuesOf (stack: Stack, release: string): any {
  const found = all(stack, 'helm_release').find(({ name }) => name === release)
  if (!found) throw new Error(`no release ${release}`)
  return parse(found.values.join('\n').replaceAll('$${', () => '${'))
}

/** The names of a stack's releases. */
export const releases = (stack: Stack): string[] =>
  all(stack, 'helm_release')
    .map(({ name }) => name)
    .sort()

/** A version is that of the catalog, so that an upgrade changes the catalog alone. */
function pinned (chart: string, version: string | undefined): string {
  if (!version) return ''
  const entry = components.find(({ source }) => source.endsWith(`/${chart}`))
  return entry?.version === version ? ' of the catalog' : ` ${version}`
}

/** One line for each resource except delivered files, for review. */
export function outline (stack: Stack): string {
  const lines = Object.entries(stack.resource)
    .filter(([type]) => type !== 'kubernetes_config_map_v1')
    .flatMap(([type, resources]) =>
      Object.values(resources).map(resource => {
        const { name, metadata, chart, version } = resource
        const what =
          name ?? metadata?.name ?? resource['//'].metadata.path.split('/').slice(1).join('/')
        return [type, what, chart && `from ${chart}${pinned(chart, version)}`]
          .filter(Boolean)
          .join(' ')
      })
    )
  return lines.sort().join('\n')
}

/** Requests for CPU and memory, and the limit for memory. */
export const resources = (cpu: string, memory: string, limit: string) =>
  ({ requests: { cpu, memory }, limits: { memory: limit } })

/** A part of a stack without CDKTF's own notes, and with references that hold no hash. */
export const bare = (part: unknown): any =>
  JSON.parse(
    JSON.stringify(part, (key, value) => (key === '//' ? undefined : value)).replace(
      /_[0-9A-F]{8}\b/g,
      ''
    )
  )

/** Every resource of a stack by its type and name; a release is without its values. */
export function objectsOf (stack: Stack): Record<string, any> {
  const named = Object.entries<Record<string, Resource>>(bare(stack.resource))
    .flatMap(([type, resources]) => Object.entries(resources).map(([id, { values, ...resource }]) =>
      [`${type} ${resource.metadata?.name ?? resource.name ?? id}`, resource]))
  return Object.fromEntries(named)
}
