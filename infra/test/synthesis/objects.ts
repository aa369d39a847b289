/** What Terraform is given besides the values of charts, whole object by whole object. */
import { describe, expect, test } from '@jest/globals'
import { objectsOf, synth } from '../synth.ts'
import { image } from '../../src/components.ts'

const argocd = {
  images: { repository: 'registry.example' },
  delivery: { mode: 'argocd', repository: 'https://git.example/guestbook.git' }
}
const stacks = {
  dev: synth(),
  staging: synth({}, 'staging'),
  argocd: synth(argocd),
  external: synth({ mongodb: { mode: 'external', cidrs: ['10.1.0.0/16'] } })
}

const nameOf = (id: string) => `\${kubernetes_namespace_v1.${id}_namespace.metadata[0].name}`
const [GUESTBOOK, MONITORING] = [nameOf('tenant_guestbook'), nameOf('monitoring')]
const [INGRESS, ARGOCD] = [nameOf('ingress'), nameOf('git_argocd')]
const ROLE = '${kubernetes_role_v1.tenant_role.metadata[0].name}'
const CLUSTER = 'data.terraform_remote_state.cross-stack-reference-input-cluster.outputs.' +
  'cross-stack-output-kind_clustercluster'
const WRITE = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']
const READ = ['get', 'list', 'watch']

const namespace = (name: string, podSecurity: string) => ({
  metadata: {
    name,
    labels: {
      'pod-security.kubernetes.io/enforce': podSecurity,
      'app.kubernetes.io/managed-by': 'terraform'
    }
  },
  timeouts: { delete: '10m' }
})
const rule = (group: string, resources: string[], verbs: string[]) =>
  ({ api_groups: [group], resources, verbs })
const roleRef = { api_group: 'rbac.authorization.k8s.io', kind: 'Role', name: ROLE }

const IMAGES = 'guestbook-backend:b1 guestbook-frontend:f1'
const runs = (localExec: object, triggers?: object) => ({
  ...(triggers && { triggers_replace: triggers }), provisioner: [{ 'local-exec': localExec }]
})

type Row = readonly [environment: keyof typeof stacks, stack: string, object: string, is: object]

const OBJECTS: readonly Row[] = [
  ['dev', 'platform', 'kubernetes_namespace_v1 guestbook', namespace('guestbook', 'restricted')],
  ['dev', 'platform', 'kubernetes_namespace_v1 ingress', namespace('ingress', 'privileged')],
  ['dev', 'platform', 'kubernetes_namespace_v1 monitoring', namespace('monitoring', 'privileged')],
  ['argocd', 'platform', 'kubernetes_namespace_v1 argocd', namespace('argocd', 'restricted')],
  ['dev', 'platform', 'kubernetes_service_account_v1 guestbook-deployer', {
    metadata: { name: 'guestbook-deployer', namespace: GUESTBOOK },
    automount_service_account_token: false
  }],
  ['dev', 'platform', 'kubernetes_role_v1 guestbook-deployer', {
    metadata: { name: 'guestbook-deployer', namespace: GUESTBOOK },
    rule: [
      rule('', ['namespaces'], ['get']),
      rule('', ['services', 'serviceaccounts', 'configmaps', 'secrets', 'persistentvolumeclaims'],
        WRITE),
      rule('', ['pods', 'pods/log', 'events'], READ),
      rule('', ['pods'], ['create', 'delete']),
      rule('apps', ['deployments', 'statefulsets'], WRITE),
      rule('apps', ['replicasets', 'controllerrevisions'], READ),
      rule('batch', ['jobs', 'cronjobs'], WRITE),
      rule('networking.k8s.io', ['ingresses', 'networkpolicies'], WRITE),
      rule('policy', ['poddisruptionbudgets'], WRITE),
      rule('autoscaling', ['horizontalpodautoscalers'], WRITE),
      rule('rbac.authorization.k8s.io', ['roles', 'rolebindings'], WRITE),
      rule('monitoring.coreos.com', ['servicemonitors'], WRITE)
    ]
  }],
  ['dev', 'platform', 'kubernetes_role_binding_v1 guestbook-deployer', {
    metadata: { name: 'guestbook-deployer', namespace: GUESTBOOK },
    role_ref: roleRef,
    subject: [{ kind: 'ServiceAccount', name: 'guestbook-deployer', namespace: GUESTBOOK }]
  }],
  ['argocd', 'platform', 'kubernetes_role_binding_v1 argocd', {
    metadata: { name: 'argocd', namespace: GUESTBOOK },
    role_ref: roleRef,
    subject: [
      { kind: 'ServiceAccount', name: 'argocd-application-controller', namespace: ARGOCD },
      { kind: 'ServiceAccount', name: 'argocd-server', namespace: ARGOCD }
    ]
  }],
  ['dev', 'platform', 'kubernetes_secret_v1 grafana-admin', {
    metadata: { name: 'grafana-admin', namespace: MONITORING },
    data_wo: { 'admin-user': 'admin', 'admin-password': '${uuid()}' },
    data_wo_revision: 1
  }],
  ['dev', 'platform', 'kubernetes_secret_v1 alerting', {
    metadata: { name: 'alerting', namespace: MONITORING },
    data_wo: {
      PAGERDUTY_INTEGRATION_KEY: '${var.pagerduty_integration_key}',
      HEARTBEAT_URL: '${(length(var.heartbeat_url) >= 1) ? var.heartbeat_url : ' +
        '"http://blackbox.monitoring:9115/-/healthy"}'
    },
    data_wo_revision: '${parseint(substr(substr(nonsensitive(sha256(join("|", ' +
      '[var.pagerduty_integration_key, var.heartbeat_url]))), 0, 8), 0, 6), 16)}',
    lifecycle: {
      precondition: [
        {
          condition: '${can(regex("^([0-9A-Za-z]{32})?$", var.pagerduty_integration_key))}',
          error_message: 'pagerduty_integration_key must be the 32 letters and digits that ' +
            'PagerDuty shows as Integration Key of an Events API v2 integration.'
        },
        {
          condition: '${can(regex("^(https?://.+)?$", var.heartbeat_url))}',
          error_message: 'heartbeat_url must begin with http:// or https://.'
        }
      ]
    }
  }],
  ['external', 'guestbook', 'kubernetes_secret_v1 mongodb-uri', {
    metadata: { name: 'mongodb-uri', namespace: 'guestbook' },
    data_wo: { uri: '${var.mongodb_uri}' },
    data_wo_revision:
      '${parseint(substr(substr(nonsensitive(sha256(var.mongodb_uri)), 0, 8), 0, 6), 16)}',
    lifecycle: {
      precondition: [{
        condition: '${can(regex("^mongodb(\\\\+srv)?://", var.mongodb_uri))}',
        error_message: 'mongodb_uri must begin with mongodb:// or mongodb+srv://. ' +
          'Set it in infra/secrets.tfvars.'
      }]
    }
  }],
  ...(['dev', 'argocd', 'external', 'staging'] as const).map((environment): Row =>
    [environment, 'guestbook', 'kubernetes_secret_v1 guestbook-tokens', {
      metadata: { name: 'guestbook-tokens', namespace: 'guestbook' },
      data_wo: { 'moderator-token': '${uuid()}', 'faults-token': '${uuid()}' },
      data_wo_revision: 1
    }]),
  ['dev', 'cluster', 'kind_cluster guestbook', {
    name: 'guestbook',
    node_image: image('kind-node'),
    wait_for_ready: true,
    kubeconfig_path: '../../../state/dev/kubeconfig',
    kind_config: {
      kind: 'Cluster',
      api_version: 'kind.x-k8s.io/v1alpha4',
      node: [{
        role: 'control-plane',
        labels: { 'ingress-ready': 'true' },
        extra_port_mappings: [
          { container_port: 80, host_port: 80, listen_address: '127.0.0.1' },
          { container_port: 443, host_port: 443, listen_address: '127.0.0.1' },
          { container_port: 30002, host_port: 30002, listen_address: '127.0.0.1' }
        ]
      }]
    },
    depends_on: ['terraform_data.network']
  }],
  ['dev', 'cluster', 'terraform_data network', runs({
    when: 'destroy', command: 'docker network rm kind >/dev/null 2>&1 || true'
  })],
  ['dev', 'guestbook', 'terraform_data images', runs({
    command: './build.sh --all --load',
    working_dir: '../../../..',
    environment: { KIND_CLUSTER: 'guestbook' }
  }, { images: IMAGES, cluster: `\${sha256(${CLUSTER}cluster_ca_certificate)}` })],
  ['staging', 'guestbook', 'terraform_data images', runs({
    command: './build.sh --all --push',
    working_dir: '../../../..',
    environment: { IMAGE_REPOSITORY: 'ghcr.io/guestbook' }
  }, { images: IMAGES })],
  ['argocd', 'guestbook', 'terraform_data handover_records', runs({
    command: 'kubectl --context kind-guestbook delete secrets --namespace guestbook --selector ' +
      "'owner=helm,name in (guestbook-mongodb,guestbook-backend,guestbook-frontend)'",
    environment: { KUBECONFIG: `\${${CLUSTER}kubeconfig_path}` }
  }, { releases: 'guestbook-mongodb guestbook-backend guestbook-frontend' })]
]

test.each(OBJECTS)(
  'in %s the stack %s has %s with the expected properties',
  (environment, stack, key, object) => {
    expect(objectsOf(stacks[environment][stack]!)[key]).toEqual(object)
  }
)

describe('a release', () => {
  const common = { atomic: true, cleanup_on_fail: true, max_history: 5, upgrade_install: true }
  const [community, grafana] = ['prometheus-community', 'grafana-community']
    .map(owner => `https://${owner}.github.io/helm-charts`) as [string, string]
  const SIGS = 'https://kubernetes-sigs.github.io'
  const needs = (...resources: string[]) => ({ depends_on: resources })
  const PROMETHEUS = 'helm_release.prometheus_release'
  const [TOKENS, BUILT] = ['kubernetes_secret_v1.tokens', 'terraform_data.images']
  const helm = (name: string) => `helm_release.${name}_release`

  test.each<[keyof typeof stacks, string, string, string, object]>([
    ['dev', 'ingress', INGRESS, 'https://traefik.github.io/charts', { chart: 'traefik' }],
    ['dev', 'metrics-server', 'kube-system', `${SIGS}/metrics-server`, {}],
    ['dev', 'kube-prometheus-stack', MONITORING, community,
      { timeout: 900, ...needs('kubernetes_secret_v1.alerting_keys') }],
    ['dev', 'blackbox', MONITORING, community,
      { chart: 'prometheus-blackbox-exporter', ...needs(PROMETHEUS) }],
    ['dev', 'loki', MONITORING, grafana, needs(PROMETHEUS)],
    ['dev', 'tempo', MONITORING, grafana, needs(PROMETHEUS)],
    ['dev', 'promtail', MONITORING, 'https://grafana.github.io/helm-charts', needs(PROMETHEUS)],
    ['argocd', 'argo-cd', ARGOCD, 'https://argoproj.github.io/argo-helm', {}],
    ['argocd', 'applications', ARGOCD, 'https://argoproj.github.io/argo-helm', {
      chart: 'argocd-apps',
      ...needs(helm('git_argo-cd'), 'kubernetes_role_binding_v1.git_rights', PROMETHEUS)
    }],
    ['dev', 'guestbook-mongodb', 'guestbook', 'charts', needs()],
    ['dev', 'guestbook-backend', 'guestbook', 'charts',
      needs(TOKENS, BUILT, helm('guestbook-mongodb'))],
    ['dev', 'guestbook-frontend', 'guestbook', 'charts',
      needs(TOKENS, BUILT, helm('guestbook-backend'))],
    ['external', 'guestbook-backend', 'guestbook', 'charts',
      needs(TOKENS, 'kubernetes_secret_v1.mongodb-uri', BUILT)]
  ])('in %s, %s, is in %s from %s', (environment, name, place, repository, more) => {
    const isOwn = repository === 'charts'
    const from = isOwn
      ? {
          chart: `../../../../charts/${name}`,
          description: expect.stringMatching(/^chart [\da-f]{12}$/),
          take_ownership: true
        }
      : { repository, chart: name, version: expect.stringMatching(/^\d+\.\d+\.\d+$/) }
    const stack = stacks[environment][isOwn ? 'guestbook' : 'platform']!
    expect(objectsOf(stack)[`helm_release ${name}`])
      .toEqual({ name, namespace: place, timeout: 600, ...common, ...from, ...more })
  })
})
