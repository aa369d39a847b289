import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { checkVersions } from '../../cli/versions.ts'
import { component, components, image, type Component } from '../../src/components.ts'
import { nearEndOfLife, describeEndOfLife } from '../../cli/end-of-life.ts'

const today = new Date('2026-11-21T12:00:00Z')
const thing = (endOfLife: string | null, successor?: string): Component => ({
  id: 'thing',
  name: 'Thing',
  kind: 'chart',
  source: 'https://charts.example/thing',
  version: '1.2.3',
  endOfLife,
  successor
})

describe('a component', () => {
  test.each<[string, string | null, number[]]>([
    ['that has ended is reported', '2026-03-02', [-264]],
    ['that ends in 90 days is reported', '2027-02-19', [90]],
    ['that ends in 91 days is not reported', '2027-02-20', []],
    ['without an announced end is not reported', null, []]
  ])('%s', (_, endOfLife, days) => {
    expect(nearEndOfLife([thing(endOfLife)], today, 90).map(one => one.days)).toEqual(days)
  })

  test('near its end is reported with its successor, the most urgent first', () => {
    const things =
      [thing('2027-01-01', 'Take the other.'), thing('2026-11-21'), thing('2026-03-02')]
    expect(nearEndOfLife(things, today, 90).map(describeEndOfLife)).toEqual([
      'Thing 1.2.3 ended on 2026-03-02. components.json names no successor.',
      'Thing 1.2.3 ends on 2026-11-21, in 0 days. components.json names no successor.',
      'Thing 1.2.3 ends on 2027-01-01, in 41 days. Take the other.'
    ])
  })
})

describe('the version catalog', () => {
  test.each(components.map(({ id }) => id))('has %s once, with an exact version', id => {
    expect(components.filter(one => one.id === id)).toHaveLength(1)
    expect(component(id).version).toMatch(/^v?\d+(\.\d+){1,2}(-[\w.-]+)?$/)
  })

  test('names a successor for every component with an end', () => {
    expect(components.filter(({ endOfLife, successor }) => endOfLife && !successor)).toEqual([])
  })

  test.each(
    components.filter(({ endOfLife }) => endOfLife).map(({ id, endOfLife }) => [id, endOfLife!])
  )('has a valid date as the end of %s', (_, endOfLife) => {
    expect(new Date(endOfLife).toISOString().slice(0, 10)).toBe(endOfLife)
  })

  test('matches package.json', () => {
    const { dependencies } = JSON.parse(
      readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
    )
    expect(component('cdktf').version).toBe(dependencies.cdktf)
  })

  test('rejects unknown ids', () => {
    expect(() => image('nothing')).toThrow('components.json has no component "nothing"')
  })
})

describe('the components', () => {
  const charts = (owner: string, folder = 'helm-charts') => `https://${owner}.github.io/${folder}`
  test.each<[string, string, string, string | null]>([
    ['kind-provider', 'provider', 'tehcyx/kind', null],
    ['helm-provider', 'provider', 'hashicorp/helm', null],
    ['kubernetes-provider', 'provider', 'hashicorp/kubernetes', null],
    ['cdktf', 'package', 'cdktf', '2025-12-10'],
    ['kind-node', 'image', 'kindest/node', '2027-02-28'],
    ['traefik', 'chart', `${charts('traefik', 'charts')}/traefik`, null],
    ['nginx-ingress', 'chart', 'oci://ghcr.io/nginx/charts/nginx-ingress', null],
    ['metrics-server', 'chart',
      `${charts('kubernetes-sigs', 'metrics-server')}/metrics-server`, null],
    ['kube-prometheus-stack', 'chart',
      `${charts('prometheus-community')}/kube-prometheus-stack`, null],
    ['blackbox-exporter', 'chart',
      `${charts('prometheus-community')}/prometheus-blackbox-exporter`, null],
    ['loki', 'chart', `${charts('grafana-community')}/loki`, null],
    ['tempo', 'chart', `${charts('grafana-community')}/tempo`, null],
    ['promtail', 'chart', `${charts('grafana')}/promtail`, '2026-03-02'],
    ['alloy', 'chart', `${charts('grafana')}/alloy`, null],
    ['argo-cd', 'chart', `${charts('argoproj', 'argo-helm')}/argo-cd`, null],
    ['argocd-apps', 'chart', `${charts('argoproj', 'argo-helm')}/argocd-apps`, null],
    ['argo-cd-redis', 'image', 'docker/library/redis', null],
    ['mongodb', 'image', 'mongo', '2029-10-31'],
    ['mongodb-exporter', 'image', 'percona/mongodb_exporter', null],
    ['prometheus-image', 'image', 'quay.io/prometheus/prometheus', null],
    ['grafana-image', 'image', 'grafana/grafana', null],
    ['blackbox-image', 'image', 'quay.io/prometheus/blackbox-exporter', null],
    ['node', 'image', 'node', '2028-04-30']
  ])('%s is a %s from %s, with fixes until %s', (id, kind, source, endOfLife) => {
    expect(component(id)).toMatchObject({ kind, source, endOfLife })
  })

  test('has 23 components', () => {
    expect(components).toHaveLength(23)
  })
})

test('an image has its digest, where the version catalog has one', () => {
  expect(image('kind-node')).toMatch(/^kindest\/node:v[\d.]+@sha256:[\da-f]{64}$/)
  expect(image('mongodb')).toMatch(/^mongo:[\d.]+$/)
})

describe('make versions', () => {
  const { GITHUB_ACTIONS } = process.env
  const output: string[] = []
  const say = (today: string, inCi: boolean) => {
    delete process.env.GITHUB_ACTIONS
    if (inCi) process.env.GITHUB_ACTIONS = 'true'
    jest.useFakeTimers({ now: new Date(today) })
    jest.spyOn(console, 'log').mockImplementation(text => { output.push(text) })
    checkVersions()
    return output
  }
  afterEach(() => {
    jest.useRealTimers()
    jest.restoreAllMocks()
    output.length = 0
    delete process.env.GITHUB_ACTIONS
    if (GITHUB_ACTIONS !== undefined) process.env.GITHUB_ACTIONS = GITHUB_ACTIONS
  })

  test('warns 90 days before, on GitHub by an annotation', () => {
    const CDKTF = `CDK for Terraform ${component('cdktf').version} ends on 2025-12-10, ` +
      'in 90 days. Plain Terraform: '
    expect(say('2025-09-11T12:00:00Z', true)).toEqual([
      expect.stringContaining(`::warning::${CDKTF}`),
      '23 components, of which 1 have ended or end within 90 days'
    ])
  })

  test.each([
    ['2025-09-10T00:00:00Z', ['23 components, of which 0 have ended or end within 90 days']],
    ['2026-01-01T00:00:00Z', [
      expect.stringMatching(/^warning: CDK for Terraform [\d.]+ ended on 2025-12-10\. /),
      expect.stringMatching(/^warning: Promtail [\d.]+ ends on 2026-03-02, in 60 days\. Alloy: /),
      '23 components, of which 2 have ended or end within 90 days'
    ]]
  ])('on %s prints %j', (today, lines) => {
    expect(say(today, false)).toEqual(lines)
  })
})
