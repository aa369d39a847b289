/** Providers, states, variables, warnings and files of the stacks. */
import { describe, expect, test } from '@jest/globals'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Testing } from 'cdktf'
import { Files } from '../../src/constructs/files.ts'
import { expandHome } from '../../src/config/load.ts'
import { inFolder } from '../folder.ts'
import { bare, objectsOf, synth } from '../synth.ts'
import { version } from '../../src/components.ts'

const MONGODB_ELSEWHERE = { mongodb: { mode: 'external', cidrs: ['10.1.0.0/16'] } }
const stacks = {
  dev: synth(MONGODB_ELSEWHERE),
  staging: synth({ target: { kubeconfig: '/etc/kube/config' } }, 'staging')
}

const REMOTE = 'data.terraform_remote_state.cross-stack-reference-input-cluster.outputs.' +
  'cross-stack-output-kind_clustercluster'
const local = (environment: string, stack: string) =>
  ({ backend: { local: { path: `../../../state/${environment}/${stack}.tfstate` } } })
const kubernetes = {
  required_providers: {
    helm: { source: 'helm', version: version('helm-provider') },
    kubernetes: { source: 'kubernetes', version: version('kubernetes-provider') }
  }
}
const connection = (configPath: string, context: string) => ({
  kubernetes: [{ config_path: configPath, config_context: context }],
  helm: [{ kubernetes: { config_path: configPath, config_context: context } }]
})
const inKind = connection(`\${${REMOTE}kubeconfig_path}`, 'kind-guestbook')
const elsewhere = connection('/etc/kube/config', 'guestbook-staging')
const clusterState = {
  terraform_remote_state: {
    'cross-stack-reference-input-cluster': {
      backend: 'local',
      config: { path: '../../../state/dev/cluster.tfstate' },
      workspace: '${terraform.workspace}'
    }
  }
}
const secret = (description: string) =>
  ({ default: '', description, sensitive: true, type: 'string' })
const isGiven = (variable: string) => `\${nonsensitive((length(var.${variable}) >= 1))}`
const warning = (variable: string, message: string) =>
  ({ assert: [{ condition: isGiven(variable), error_message: message }] })
const alerting = {
  variable: {
    pagerduty_integration_key:
      secret('Integration key of a PagerDuty service (Events API v2).'),
    heartbeat_url: secret(
      'URL that expects the watchdog every minute and raises an alarm without it.')
  },
  check: {
    paging: warning('pagerduty_integration_key',
      'There is no PagerDuty key: alerts appear in Grafana but page no one. Set ' +
      'PAGERDUTY_INTEGRATION_KEY, or pagerduty_integration_key in infra/secrets.tfvars.'),
    heartbeat: warning('heartbeat_url', 'There is no heartbeat URL: a failure of alerting ' +
      'itself stays unnoticed. Set heartbeat_url in infra/secrets.tfvars.')
  },
  output: {
    pages: {
      description: 'Whether alerts reach PagerDuty.',
      value: isGiven('pagerduty_integration_key')
    }
  }
}

test.each<[keyof typeof stacks, string, object]>([
  ['dev', 'cluster', {
    terraform: {
      ...local('dev', 'cluster'),
      required_providers: { kind: { source: 'tehcyx/kind', version: version('kind-provider') } }
    },
    provider: { kind: [{}] },
    output: Object.fromEntries(['cluster_ca_certificate', 'kubeconfig_path'].map(attribute =>
      [`cross-stack-output-kind_clustercluster${attribute}`,
        { sensitive: true, value: `\${kind_cluster.cluster.${attribute}}` }]))
  }],
  ['dev', 'platform', {
    terraform: { ...local('dev', 'platform'), ...kubernetes },
    provider: inKind,
    data: clusterState,
    ...alerting
  }],
  ['dev', 'guestbook', {
    terraform: { ...local('dev', 'guestbook'), ...kubernetes },
    provider: inKind,
    data: clusterState,
    variable: {
      mongodb_uri: secret('Connection string of an existing MongoDB, with the database.')
    }
  }],
  ['staging', 'platform', {
    terraform: { ...local('staging', 'platform'), ...kubernetes }, provider: elsewhere, ...alerting
  }],
  ['staging', 'guestbook', {
    terraform: { ...local('staging', 'guestbook'), ...kubernetes }, provider: elsewhere
  }]
])('in %s the stack %s has this state, these providers and variables', (name, stack, sections) => {
  const { resource, '//': notes, ...others } = stacks[name][stack]!
  expect(bare(others)).toEqual(sections)
})

test('the path of a kubeconfig in the home folder is absolute for Terraform', () => {
  expect(synth({}, 'staging').platform!.provider).toEqual(
    connection(join(homedir(), '.kube/config'), 'guestbook-staging')
  )
})

test.each([
  ['s3', { bucket: 'states', region: 'eu-central-1' },
    { bucket: 'states', region: 'eu-central-1', key: 'guestbook/dev/platform' }],
  ['http', {
    address: 'https://states.example/guestbook/',
    lock_address: 'https://states.example/locks',
    lock_method: 'POST'
  }, {
    address: 'https://states.example/guestbook/dev/platform',
    lock_address: 'https://states.example/locks/dev/platform',
    lock_method: 'POST'
  }],
  ['gcs', { bucket: 'b' }, { bucket: 'b', prefix: 'guestbook/dev/platform' }],
  ['azurerm',
    { storage_account_name: 'a', container_name: 'c' },
    { storage_account_name: 'a', container_name: 'c', key: 'guestbook/dev/platform' }],
  ['pg', { skip_schema_creation: true },
    { skip_schema_creation: true, schema_name: 'dev_platform' }],
  ['consul', { address: 'c.example' }, { address: 'c.example', path: 'guestbook/dev/platform' }]
])('a state in %s has its own name', (backend, settings, expected) => {
  const { platform } = synth({ state: { backend, settings } })
  expect(bare(platform!.terraform.backend)).toEqual({ [backend]: expected })
})

test('a stack reads the remote state of another one', () => {
  const settings = { bucket: 'states', region: 'eu-central-1' }
  const { platform } = synth({ state: { backend: 's3', settings } })
  expect(platform!.data.terraform_remote_state['cross-stack-reference-input-cluster'])
    .toMatchObject({ backend: 's3', config: { bucket: 'states', key: 'guestbook/dev/cluster' } })
})

describe('a file reaches Grafana as the ConfigMap', () => {
  const MONITORING = '${kubernetes_namespace_v1.monitoring_namespace.metadata[0].name}'
  const file = (path: string) => `file("../../../../alert-rules/${path}")`

  test.each([
    ['grafana-dashboard-logs', 'grafana_dashboard', 'logs.json',
      `\${${file('dashboards/logs.json')}}`],
    ['grafana-alert-slo-burn-rate-alerts', 'grafana_alert', 'slo_burn_rate_alerts.yml',
      `\${${file('slo_burn_rate_alerts.yml')}}`],
    ['grafana-alert-notifications', 'grafana_alert', 'notifications.yml',
      '${nonsensitive((length(var.pagerduty_integration_key) >= 1)) ? ' +
      `${file('notifications.yml')} : ${file('notifications_without_pagerduty.yml')}}`]
  ])('%s, labelled %s', (name, label, data, content) => {
    expect(objectsOf(stacks.dev.platform!)[`kubernetes_config_map_v1 ${name}`]).toEqual({
      metadata: { name, namespace: MONITORING, labels: { [label]: '1' } },
      data: { [data]: content }
    })
  })
})

test('a file of any name has a ConfigMap of a valid name', () => {
  const { resource } = JSON.parse(Testing.synthScope(scope => {
    new Files(scope, 'files', { namespace: 'n', label: 'a_label', paths: ['a/My_Board.v2.json'] })
  }))
  expect(bare(Object.values(resource.kubernetes_config_map_v1))).toEqual([{
    metadata: { name: 'a-label-my-board.v2', namespace: 'n', labels: { a_label: '1' } },
    data: { 'My_Board.v2.json': '${file("../../../../a/My_Board.v2.json")}' }
  }])
})

describe('charts of a folder', () => {
  const CHARTS = ['traefik', 'metrics-server', 'kube-prometheus-stack', 'loki', 'tempo', 'promtail',
    'prometheus-blackbox-exporter']
  const traefik = (charts: string) =>
    objectsOf(synth({ mirrors: { charts } }).platform!)['helm_release ingress']
  const inCharts = (use: (folder: string) => void) => inFolder(folder => {
    for (const chart of CHARTS) {
      mkdirSync(join(folder, chart, 'templates'), { recursive: true })
      writeFileSync(join(folder, chart, 'Chart.yaml'), 'version: 1.0.0\n')
    }
    use(folder)
  })

  test('are used without repository and version', () => inCharts(folder => {
    expect(traefik(folder)).toEqual({
      name: 'ingress',
      namespace: '${kubernetes_namespace_v1.ingress_namespace.metadata[0].name}',
      chart: join(folder, 'traefik'),
      description: expect.stringMatching(/^chart [\da-f]{12}$/),
      atomic: true,
      cleanup_on_fail: true,
      max_history: 5,
      upgrade_install: true,
      timeout: 600
    })
  }))

  test('are released again when a file, also one of a linked chart, has changed', () =>
    inCharts(folder => {
      const [first, second] = ['a.yaml', 'b.yaml'].map(name =>
        join(folder, 'traefik', 'templates', name)
      ) as [string, string]
      const seen = [traefik(folder).description]
      for (const [path, content] of [
        [first, 'x'],
        [first, 'y'],
        [second, 'y']
      ]) {
        rmSync(first, { force: true })
        writeFileSync(path!, content!)
        seen.push(traefik(folder).description)
      }
      const library = join(folder, 'library')
      mkdirSync(library)
      symlinkSync(library, join(folder, 'traefik', 'linked'))
      writeFileSync(join(library, 'a.tpl'), 'x')
      seen.push(traefik(folder).description)
      expect(new Set(seen).size).toBe(5)
      expect(traefik(folder).description).toBe(seen[4])
    }))

  test('must be there', () => inCharts(folder => {
    rmSync(join(folder, 'loki', 'Chart.yaml'))
    expect(() => synth({ mirrors: { charts: folder } }))
      .toThrow(`there is no chart in ${join(folder, 'loki')}: the folder must hold Chart.yaml`)
  }))

  test('come from a configured repository, in the same version', () => {
    const { platform } = synth(
      { mirrors: { chartRepositories: { 'blackbox-exporter': 'https://c.example' } } })
    expect(objectsOf(platform!)['helm_release blackbox']).toMatchObject({
      repository: 'https://c.example',
      chart: 'prometheus-blackbox-exporter',
      version: version('blackbox-exporter')
    })
    expect(objectsOf(platform!)['helm_release tempo'])
      .toMatchObject({ repository: 'https://grafana-community.github.io/helm-charts' })
  })
})

test.each([
  ['~/charts', join(homedir(), 'charts')], ['~', homedir()],
  ['~other/charts', '~other/charts'], ['/srv/~/charts', '/srv/~/charts']
])('the path %s is %s', (path, expanded) => {
  expect(expandHome(path)).toBe(expanded)
})
