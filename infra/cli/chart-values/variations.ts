/** Configurations that together pass every value that the stacks can pass to third-party charts. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { buildApp } from '../../src/app.ts'
import { components, type Component } from '../../src/components.ts'
import { loadConfig } from '../../src/config/load.ts'
import { services } from '../../src/services.ts'

const mirrors = { registry: 'registry.example' }
const VARIATIONS: Array<[environment: string, overrides: unknown]> = [
  ['dev', {}],
  ['dev', { ingress: { controller: 'nginx' }, monitoring: { logs: 'alloy' }, mirrors }],
  ['dev', { mirrors }],
  ['staging', {}],
  ['staging', { ingress: { controller: 'nginx' } }],
  ['dev', {
    images: { repository: 'registry.example' },
    delivery: { mode: 'argocd', repository: 'https://git.example/r' },
    mirrors
  }]
]

export interface PassedValues {
  readonly component: Component
  /** Name of the chart in its repository. */
  readonly chart: string
  readonly values: unknown[]
}

/** The values of each third-party chart, in all variations. */
export function passedValues (): PassedValues[] {
  const releases = VARIATIONS.flatMap(([environment, overrides]) =>
    releasesOf(environment, overrides))
  return components.filter(({ kind }) => kind === 'chart').map(component => {
    const chart = component.source.slice(component.source.lastIndexOf('/') + 1)
    const values = releases.filter(release => release.chart === chart)
      .map(({ values }) => parse(values.join('\n').replaceAll('$${', () => '${')))
    return { component, chart, values }
  })
}

interface HelmRelease { readonly chart: string, readonly values: string[] }

function releasesOf (environment: string, overrides: unknown): HelmRelease[] {
  const outdir = mkdtempSync(join(tmpdir(), 'guestbook-chart-values-'))
  try {
    const images = Object.fromEntries(
      services.map(({ name }) => [name, { repository: name, tag: '1' }])
    )
    buildApp(loadConfig(environment, overrides), { images, outdir }).synth()
    const read = (path: string) => JSON.parse(readFileSync(join(outdir, path), 'utf8'))
    const stacks = Object.values<{ synthesizedStackPath: string }>(read('manifest.json').stacks)
    return stacks.flatMap(({ synthesizedStackPath }) =>
      Object.values<HelmRelease>(read(synthesizedStackPath).resource.helm_release ?? {}))
  } finally {
    rmSync(outdir, { recursive: true, force: true })
  }
}
