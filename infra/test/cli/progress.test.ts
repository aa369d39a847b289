import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { endpoints } from '../../cli/endpoints.ts'
import { progressOf, stopwatch } from '../../cli/progress.ts'
import { plain } from '../../cli/exec.ts'
import { loadConfig } from '../../src/config/load.ts'
import { urlOf } from '../../src/urls.ts'

afterEach(() => { jest.restoreAllMocks() })

const at = (resource: string, what: string) => progressOf(`platform  ${resource}: ${what}`)

describe('progress', () => {
  test.each([
    ['Creating...', 'making'], ['Modifying... [id=x]', 'changing'],
    ['Destroying... [id=x]', 'removing'], ['Creation complete after 3s [id=x]', 'made'],
    ['Modifications complete after 3s', 'changed'], ['Destruction complete after 3s', 'removed']
  ])('of "%s" is told as %s', (what, verb) => {
    expect(at('helm_release.git_argo-cd_release_CE7C004B', what))
      .toBe(`platform: ${verb} git_argo-cd (release)`)
  })

  test.each([
    ['kubernetes_secret_v1.tokens', 'tokens (secret)'],
    ['kubernetes_config_map_v1.alerting_rules_grafana-alert-x_156313C3',
      'alerting_rules_grafana-alert-x (config_map)'],
    ['terraform_data.network', 'network (data)'],
    ['kind_cluster.cluster', 'cluster (cluster)'],
    ['kind_cluster.cluster (deposed object 1a2b)', 'cluster (cluster)'],
    ['kubernetes_namespace_v1.tenant_guestbook_namespace_A31D9D76', 'tenant_guestbook (namespace)']
  ])('of %s is told as %s', (resource, name) => {
    expect(at(resource, 'Creating...')).toBe(`platform: making ${name}`)
  })

  test.each([
    ['Still destroying... [10s elapsed]'], ['Still modifying... [10s elapsed]'],
    ['Refreshing state... [id=x]'], ['Reading...']
  ])('of "%s" is not told', what => {
    expect(at('helm_release.loki', what)).toBeUndefined()
  })

  test.each([
    ['platform  There is no heartbeat URL: nobody notices. Put it there.',
      'warning: There is no heartbeat URL: nobody notices'],
    ['Destroy complete! Resources: 3 destroyed.', 'Resources: 3 destroyed.'],
    ['platform  terraform_data.images (local-exec):   pushed: b:1', '  pushed: b:1'],
    ['platform  terraform_data.images (local-exec): ', undefined],
    ['  platform  helm_release.loki: Creating...', undefined]
  ])('of "%s" is %j', (line, told) => {
    expect(progressOf(line)).toBe(told)
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
  watch.say('text')
  expect([watch.elapsed(), ...lines]).toEqual([elapsed, `[${elapsed}] text`])
})

test('the stopwatch writes to the console unless told otherwise', () => {
  const log = jest.spyOn(console, 'log').mockImplementation(() => {})
  stopwatch().say('text')
  expect(log.mock.calls).toEqual([['[0:00] text']])
})

test.each([
  ['\u001b[31mred\u001b[0m  ', 'red'], ['  ⠋ text', 'text'], ['⣿⠀text', 'text'],
  ['Processing', ''], ['2 Stacks deploying', ''], ['Processed', 'Processed'],
  ['text 1 Stack', 'text 1 Stack'], ['   ', ''], ['\u001b[2K\u001b[1A', '']
])('of the raw line %j is left %j', (raw, text) => {
  expect(plain(raw)).toBe(text)
})

describe('addresses', () => {
  test('have health checks of their own', () => {
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

  test.each<[number | undefined, string]>([
    [80, 'http://a.example'], [8080, 'http://a.example:8080'], [undefined, 'http://a.example']
  ])('with the port %s of Kind are %s', (http, url) => {
    const config = http ? loadConfig('dev', { target: { ports: { http } } }) : loadConfig('staging')
    expect(urlOf(config, 'a.example')).toBe(url)
  })
})
