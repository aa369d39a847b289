/** Configurations that together pass every value that the stacks can pass to a chart of others. */
import { component } from '../src/components.ts'
import { all, synth, valuesOf } from './synth.ts'

const VARIATIONS: Array<[unknown, string?]> = [
  [{}],
  [
    {
      ingress: { controller: 'nginx' },
      monitoring: { logs: 'alloy' },
      mirrors: { registry: 'registry.example' }
    }
  ],
  [{ mirrors: { registry: 'registry.example' } }],
  [{}, 'staging'],
  [{ ingress: { controller: 'nginx' } }, 'staging'],
  [
    {
      images: { repository: 'registry.example' },
      delivery: { mode: 'argocd', repository: 'https://git.example/r' },
      mirrors: { registry: 'registry.example' }
    }
  ]
]
const CHARTS = [
  'traefik',
  'nginx-ingress',
  'metrics-server',
  'kube-prometheus-stack',
  'blackbox-exporter',
  'loki',
  'tempo',
  'promtail',
  'alloy',
  'argo-cd',
  'argocd-apps'
]

export interface Passed {
  readonly chart: string
  readonly version: string
  readonly folder: string
  readonly values: unknown[]
}

/** What each chart of others is given, over all variations. */
export function passedValues (): Passed[] {
  const releases = VARIATIONS.flatMap(([overrides, environment]) =>
    Object.values(synth(overrides, environment)).flatMap(stack =>
      all(stack, 'helm_release').map(({ name, chart }) => ({
        chart: chart as string,
        values: valuesOf(stack, name)
      }))
    )
  )
  return CHARTS.map(chart => {
    const { source, version } = component(chart)
    const folder = source.slice(source.lastIndexOf('/') + 1)
    return {
      chart,
      version,
      folder,
      values: releases.filter(release => release.chart === folder).map(({ values }) => values)
    }
  })
}
