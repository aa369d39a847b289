import { describe, expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { all, releases, synth, valuesOf } from '../synth.ts'

describe('the platform', () => {
  const platform = (overrides: unknown = {}, environment = 'dev') =>
    synth(overrides, environment).platform!

  test('serves the class nginx with Traefik or the controller of F5', () => {
    expect(valuesOf(platform(), 'ingress').ingressClass).toEqual({
      enabled: true,
      isDefaultClass: true,
      name: 'nginx'
    })
    expect(
      valuesOf(platform({ ingress: { controller: 'nginx' } }), 'ingress-nginx').controller
        .ingressClass
    ).toEqual({ name: 'nginx', create: true, setAsDefaultIngress: true })
  })

  test.each(['traefik', 'nginx'])(
    'has %s buffer request bodies and reject large ones',
    controller => {
      const { annotations } = valuesOf(
        synth({ ingress: { controller } }).guestbook!,
        'guestbook-frontend'
      ).ingress
      const bodySize = {
        traefik: 'nginx.ingress.kubernetes.io/proxy-body-size',
        nginx: 'nginx.org/client-max-body-size'
      }[controller]!
      // More than the limit of the services (64 KiB). F5's controller buffers by default.
      expect(annotations[bodySize]).toBe('128k')
      if (controller === 'traefik') {
        expect(annotations['nginx.ingress.kubernetes.io/proxy-request-buffering']).toBe('on')
      }
      const memory = {
        traefik: 'nginx.ingress.kubernetes.io/client-body-buffer-size',
        nginx: 'nginx.org/client-body-buffer-size'
      }[controller]!
      expect(annotations[memory]).toBe('16k')
    }
  )

  test('replaces the controller after its removal: by a release of another name', () => {
    const place = (controller: string) =>
      Object.entries(platform({ ingress: { controller } }).resource.helm_release!).find(([id]) =>
        id.startsWith('ingress')
      )!
    const [[before, { name }], [after, { name: otherName }]] = [place('traefik'), place('nginx')]
    expect(after).toBe(before)
    expect(otherName).not.toBe(name)
  })

  test.each([
    ['traefik', 'ingress'],
    ['nginx', 'ingress-nginx']
  ])(
    'has %s listen on the node in Kind, and behind a load balancer in other clusters',
    (controller, release) => {
      const service = (values: any) => (values.controller?.service ?? values.service.spec).type
      expect(service(valuesOf(platform({ ingress: { controller } }), release))).toBe('ClusterIP')
      expect(service(valuesOf(platform({ ingress: { controller } }, 'staging'), release))).toBe(
        'LoadBalancer'
      )
      expect(
        service(
          valuesOf(
            platform({ ingress: { controller }, target: { loadBalancer: false } }, 'staging'),
            release
          )
        )
      ).toBe('ClusterIP')
    }
  )

  test('brings metrics-server as far as the cluster needs it', () => {
    const args = (stack: ReturnType<typeof platform>) => valuesOf(stack, 'metrics-server').args
    expect(args(platform())).toEqual(['--kubelet-insecure-tls'])
    expect(args(platform({}, 'staging'))).toEqual([])
    expect(args(platform({ target: { metricsServer: 'unverified' } }, 'staging'))).toEqual([
      '--kubelet-insecure-tls'
    ])
    expect(releases(platform({ target: { metricsServer: 'off' } }, 'staging'))).not.toContain(
      'metrics-server'
    )
  })

  test('ships logs by Promtail, by Alloy, or not at all', () => {
    const shippers = (logs: string) =>
      releases(platform({ monitoring: { logs } })).filter(name =>
        ['promtail', 'alloy', 'loki'].includes(name)
      )
    expect(shippers('promtail')).toEqual(['loki', 'promtail'])
    expect(shippers('alloy')).toEqual(['alloy', 'loki'])
    expect(shippers('off')).toEqual([])
  })

  test('keeps as much as the profile allows', () => {
    const retention = (profile: string) =>
      valuesOf(platform({ profile }), 'kube-prometheus-stack').prometheus.prometheusSpec.retention
    expect([retention('small'), retention('full')]).toEqual(['7d', '30d'])
    const objectives = readFileSync(
      new URL('../../../alert-rules/slo.yml', import.meta.url),
      'utf8'
    )
    // No window of an alert is longer than the shortest retention.
    expect(objectives).toContain(`\nretention: ${retention('small')}\n`)
  })

  test('works without Prometheus, and then without its objects', () => {
    const stacks = synth({
      monitoring: { prometheus: false, grafana: false, traces: false, logs: 'off' }
    })
    expect(releases(stacks.platform!)).toEqual(['ingress', 'metrics-server'])
    expect(valuesOf(stacks.guestbook!, 'guestbook-backend').serviceMonitor).toEqual({
      enabled: false
    })
  })

  test('installs the definition of ServiceMonitors first', () => {
    const stack = platform()
    for (const name of ['blackbox', 'loki', 'promtail', 'tempo']) {
      expect(
        all(stack, 'helm_release').find(release => release.name === name)!.depends_on
      ).toContainEqual(expect.stringContaining('helm_release.prometheus'))
    }
  })

  test('requests the page through the ingress', () => {
    expect(valuesOf(platform(), 'blackbox').serviceMonitor.targets).toEqual([
      { name: 'page', url: 'http://ingress.ingress/', hostname: 'frontend.localhost' }
    ])
  })

  test('names its URLs with the forwarded port', () => {
    const { grafana, prometheus } = valuesOf(
      platform({ target: { ports: { http: 8080 } } }),
      'kube-prometheus-stack'
    )
    expect(grafana['grafana.ini'].server.root_url).toBe('http://grafana.localhost:8080')
    expect(prometheus.prometheusSpec.externalUrl).toBe('http://prometheus.localhost:8080')
  })

  test('uses mirrors of charts and images in a closed network', () => {
    const stack = platform({
      mirrors: {
        registry: 'registry.example',
        chartRepositories: { loki: 'https://charts.example' }
      }
    })
    expect(all(stack, 'helm_release').find(({ name }) => name === 'loki')!.repository).toBe(
      'https://charts.example'
    )
    expect(valuesOf(stack, 'kube-prometheus-stack').global).toEqual({
      imageRegistry: 'registry.example'
    })
    expect(valuesOf(stack, 'metrics-server').image.repository).toBe(
      'registry.example/metrics-server/metrics-server'
    )
  })
})

describe('alerting', () => {
  const stack = synth().platform!
  const content = (name: string) =>
    all(stack, 'kubernetes_config_map_v1').find(({ metadata }) => metadata.name === name)!.data

  test('delivers each file of rules unchanged, read by Terraform', () => {
    expect(content('grafana-alert-service-availability-alerts')).toEqual({
      'service_availability_alerts.yml':
        '${file("../../../../alert-rules/service_availability_alerts.yml")}'
    })
  })

  test('delivers every file of rules and every dashboard', () => {
    const delivered = all(stack, 'kubernetes_config_map_v1')
      .flatMap(({ data }) => Object.keys(data))
      .sort()
    const folder = fileURLToPath(new URL('../../../alert-rules', import.meta.url))
    const rules = readdirSync(folder).filter(file => file.endsWith('_alerts.yml'))
    const dashboards = readdirSync(`${folder}/dashboards`).filter(file => file.endsWith('.json'))
    expect(delivered).toEqual([...rules, ...dashboards, 'notifications.yml'].sort())
    expect(rules.length).toBeGreaterThan(0)
  })

  test('gives the recording rules to Prometheus', () => {
    expect(
      valuesOf(stack, 'kube-prometheus-stack').additionalPrometheusRulesMap.guestbook.groups
        .length
    ).toBeGreaterThan(0)
  })

  test('ships one file of receivers: the one with PagerDuty only with a key', () => {
    expect(content('grafana-alert-notifications')['notifications.yml']).toBe(
      '${nonsensitive((length(var.pagerduty_integration_key) >= 1)) ? ' +
        'file("../../../../alert-rules/notifications.yml") : ' +
        'file("../../../../alert-rules/notifications_without_pagerduty.yml")}'
    )
  })

  test('warns in every plan while alerts page no one', () => {
    expect(stack.check.paging.assert[0]).toEqual({
      condition: '${nonsensitive((length(var.pagerduty_integration_key) >= 1))}',
      error_message: expect.stringContaining('alerts appear in Grafana but page no one')
    })
  })

  test('accepts a key of the form of PagerDuty, or none', () => {
    const [{ condition, error_message: message }] = all(stack, 'kubernetes_secret_v1').find(
      ({ metadata }) => metadata.name === 'alerting'
    )!.lifecycle.precondition
    const [, pattern] = /regex\("(.*?)"/.exec(condition)!
    const accepts = (key: string) => new RegExp(pattern!).test(key)
    expect([
      accepts(''),
      accepts('a'.repeat(32)),
      accepts('a'.repeat(31)),
      accepts('-'.repeat(32))
    ]).toEqual([true, true, false, false])
    expect(message).toContain('Events API v2')
  })

  test('restarts Grafana with another key, because it reads keys at its start', () => {
    const { keys } = valuesOf(stack, 'kube-prometheus-stack').grafana.podAnnotations
    expect(keys).toMatch(
      /^v-\$\{substr\(nonsensitive\(sha256\(.*var\.pagerduty_integration_key.*var\.heartbeat_url/
    )
  })

  test('leaves variables of Grafana and of templates alone', () => {
    const { additionalDataSources } = valuesOf(stack, 'kube-prometheus-stack').grafana
    expect(additionalDataSources[0].jsonData.derivedFields[0].url).toBe('$${__value.raw}')
  })
})
