import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { parse, parseAllDocuments } from 'yaml'
import { ROOT, run, type Output } from './tools.ts'

export { ROOT, type Output }

/** Charts that can be installed: all but the library chart. */
export const CHARTS = readdirSync(`${ROOT}charts`).filter(name =>
  existsSync(`${ROOT}charts/${name}/ci`)
)
/** Charts that use the library chart. */
export const SERVICES = ['guestbook-backend', 'guestbook-frontend']
export const KUBERNETES = '1.34.4'

export type Json = Record<string, unknown>
/** A Kubernetes object. */
export type KubeObject = {
  kind: string
  metadata: { name: string; labels: Record<string, string>; annotations?: Record<string, string> }
} & Record<string, any>

export interface Release {
  values?: Json | undefined
  /** A file of the chart's folder ci, without "-values.yaml". */
  ci?: string | undefined
  name?: string | undefined
  kubernetes?: string
}

const templates = new Map<string, Promise<Output>>()

/** Helm reports the link to the library chart on every run. */
const LINK_NOTICE = /^walk\.go:\d+: found symbolic link in path: .*\n/gm

/** Runs helm. Its notices about the linked library chart are not part of the output. */
export async function helm (args: string[], input?: string): Promise<Output> {
  const output = await run('helm', args, input)
  return { ...output, stderr: output.stderr.replace(LINK_NOTICE, '') }
}

/** Output of `helm template`, be it objects or an error. Tests of a file share equal renders. */
export async function template (chart: string, release: Release = {}): Promise<Output> {
  const key = JSON.stringify([chart, release])
  const output = templates.get(key) ?? runTemplate(chart, release)
  templates.set(key, output)
  return await output
}

/** The same, without sharing. */
export async function runTemplate (
  chart: string,
  { values = {}, ci, name = chart, kubernetes = KUBERNETES }: Release = {}
): Promise<Output> {
  const files = ci === undefined ? [] : ['--values', `charts/${chart}/ci/${ci}-values.yaml`]
  const options = ['--namespace', 'guestbook', '--kube-version', kubernetes, '--values', '-']
  return await helm(
    ['template', name, `charts/${chart}`, ...files, ...options], JSON.stringify(values)
  )
}

export async function renderText (chart: string, release?: Release): Promise<string> {
  const { status, stdout, stderr } = await template(chart, release)
  if (status !== 0) throw new Error(stderr)
  return stdout
}

export async function render (chart: string, release?: Release): Promise<KubeObject[]> {
  return objectsOf(await renderText(chart, release))
}

/** The objects of several YAML documents. */
export function objectsOf (text: string): KubeObject[] {
  // YAML 1.1 as in Kubernetes: file modes are octal numbers.
  const documents = parseAllDocuments(text, { version: '1.1' })
  return documents
    .map(document => document.toJS() as KubeObject | null)
    .filter(object => object !== null)
}

/** The only object of this kind, test hooks aside. */
export function one (objects: KubeObject[], kind: string): KubeObject {
  const found = ofKind(objects, kind)
  if (found.length !== 1 || !found[0]) throw new Error(`${found.length} objects of kind ${kind}`)
  return found[0]
}

export function ofKind (objects: KubeObject[], kind: string): KubeObject[] {
  return objects.filter(
    object => object.kind === kind && !/-(test|management)$/.test(object.metadata.name)
  )
}

/** The object of this kind and name. A hash at the end of its name may be left out. */
export function find (objects: KubeObject[], kind: string, name: string): KubeObject {
  const [found, another] = objects.filter(object =>
    object.kind === kind && (
      object.metadata.name === name || object.metadata.name.replace(/[0-9a-f]{8}$/, '') === name
    ))
  if (!found || another) throw new Error(`${found ? 'more than one' : 'no'} ${kind} ${name}`)
  return found
}

/** `{ 'a.b': 1 }` -> `{ a: { b: 1 } }`. Dots in keys of nested objects stay. */
export function nested (flat: Json): Json {
  const result: Json = {}
  for (const [path, value] of Object.entries(flat)) {
    const keys = path.split('.')
    const last = keys.pop()!
    const parent = keys.reduce<Json>((map, key) => (map[key] ??= {}) as Json, result)
    parent[last] = value
  }
  return result
}

/** Version of the chart, and of the service that it installs. */
export const versionOf = (chart: string) =>
  (parse(readFileSync(`${ROOT}charts/${chart}/Chart.yaml`, 'utf8')) as { version: string })
    .version

/** Names of the chart's ci values. */
export function ciNames (chart: string): string[] {
  return readdirSync(`${ROOT}charts/${chart}/ci`).map(file => file.replace('-values.yaml', ''))
}

/** Every chart with each of its ci files. */
export const INSTALLATIONS = CHARTS.flatMap(chart => ciNames(chart).map(ci => [chart, ci] as const))
