import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { endpoints } from '../../cli/endpoints.ts'
import { describeEvent, stopwatch } from '../../cli/progress.ts'
import { loadConfig } from '../../src/config/load.ts'
import { urlOf } from '../../src/urls.ts'

afterEach(() => { jest.restoreAllMocks() })

const hook = (address: string, action = 'create', more = {}) => {
  const [type, name] = address.split('.')
  return { resource: { addr: address, resource_type: type, resource_name: name }, action, ...more }
}
const describedAs = (event: object) =>
  describeEvent('platform', { '@message': '', type: '', ...event })

describe('the progress', () => {
  test.each([
    ['apply_start', 'create', 'creating'], ['apply_start', 'update', 'updating'],
    ['apply_start', 'delete', 'destroying'], ['apply_complete', 'create', 'created'],
    ['apply_complete', 'update', 'updated'], ['apply_complete', 'delete', 'destroyed']
  ])('of %s with %s is "%s"', (type, action, verb) => {
    expect(describedAs({ type, hook: hook('helm_release.git_argo-cd_release_CE7C004B', action) }))
      .toBe(`platform: ${verb} git_argo-cd (release)`)
  })

  test.each([
    ['kubernetes_secret_v1.tokens', 'tokens (secret)'],
    ['kubernetes_config_map_v1.alerting_rules_grafana-alert-x_156313C3',
      'alerting_rules_grafana-alert-x (config_map)'],
    ['terraform_data.network', 'network (data)'],
    ['kind_cluster.cluster', 'cluster (cluster)'],
    ['kubernetes_namespace_v1.tenant_guestbook_namespace_A31D9D76', 'tenant_guestbook (namespace)']
  ])('of %s names it %s', (address, name) => {
    expect(describedAs({ type: 'apply_start', hook: hook(address) }))
      .toBe(`platform: creating ${name}`)
  })

  const printed = (output: string) =>
    ({ type: 'provision_progress', hook: hook('x.y', '', { output }) })
  const summary = (operation: string, add: number, change: number, remove: number) =>
    ({ type: 'change_summary', changes: { operation, add, change, remove } })
  const warning = (summary: string, detail = '') =>
    ({ type: 'diagnostic', diagnostic: { severity: 'warning', summary, detail } })

  test.each<[object, string | undefined]>([
    [{ type: 'apply_progress', hook: hook('helm_release.loki') }, undefined],
    [{ type: 'refresh_start', hook: hook('helm_release.loki') }, undefined],
    [{ type: 'apply_start', hook: hook('kubernetes_secret_v1.x', 'read') }, undefined],
    [printed(' pushed: b:1'), '  pushed: b:1'],
    [printed('Executing: ["sh"]'), undefined],
    [printed(' '), undefined],
    [summary('plan', 3, 1, 2), undefined],
    [summary('apply', 3, 1, 2), 'platform: 3 added, 1 changed, 2 destroyed'],
    [summary('destroy', 0, 0, 4), 'platform: 0 added, 0 changed, 4 destroyed'],
    [warning('Check block assertion failed', 'No key.'), 'warning: No key.'],
    [warning('Deprecated'), undefined]
  ])('of %j is %j', (event, text) => {
    expect(describedAs(event)).toBe(text)
  })
})

test.each([
  [0, '0:00'], [499, '0:00'], [500, '0:01'], [9_400, '0:09'], [59_499, '0:59'], [59_500, '1:00'],
  [725_000, '12:05']
])('after %i ms the stopwatch says %s', (milliseconds, elapsed) => {
  const now = jest.spyOn(performance, 'now').mockReturnValue(1_000)
  const lines: string[] = []
  const watch = stopwatch(line => lines.push(line))
  now.mockReturnValue(1_000 + milliseconds)
  watch.log('text')
  expect([watch.elapsed(), ...lines]).toEqual([elapsed, `[${elapsed}] text`])
})

test('the stopwatch writes to the console by default', () => {
  const log = jest.spyOn(console, 'log').mockImplementation(() => {})
  stopwatch().log('text')
  expect(log.mock.calls).toEqual([['[0:00] text']])
})

describe('addresses', () => {
  test('have their own health checks', () => {
    const rows = endpoints(loadConfig('prod')).map(({ name, url, health }) => [name, url, health])
    expect(rows).toEqual([
      ['Guestbook', 'http://guestbook.example', '/'],
      ['Grafana', 'http://grafana.guestbook.example', '/api/health'],
      ['Prometheus', 'http://prometheus.guestbook.example', '/-/ready']
    ])
  })

  test.each([
    [{ grafana: false }, ['Guestbook', 'Guestbook', 'Prometheus']],
    [{ prometheus: false, grafana: false, traces: false }, ['Guestbook', 'Guestbook']]
  ])('with monitoring %j are of %j', (monitoring, names) => {
    expect(endpoints(loadConfig('dev', { monitoring })).map(({ name }) => name)).toEqual(names)
  })

  test('have the port of the configuration', () => {
    const config = loadConfig('dev', { target: { ports: { http: 8080 } } })
    expect(endpoints(config).map(({ name, url }) => `${name} ${url}`)).toEqual([
      'Guestbook http://localhost:8080',
      'Guestbook http://frontend.localhost:8080',
      'Grafana http://grafana.localhost:8080',
      'Prometheus http://prometheus.localhost:8080'
    ])
  })

  test.each<[number | undefined, string]>([
    [80, 'http://a.example'], [8080, 'http://a.example:8080'], [undefined, 'http://a.example']
  ])('with the port %s of Kind are %s', (http, url) => {
    const config = http ? loadConfig('dev', { target: { ports: { http } } }) : loadConfig('staging')
    expect(urlOf(config, 'a.example')).toBe(url)
  })
})
