/** The exact calls of other programs, and the handling of their output. */
import { describe, expect, test } from '@jest/globals'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createServer, type AddressInfo } from 'node:net'
import { portTaken } from '../../cli/doctor/probes.ts'
import { lock } from '../../cli/lock.ts'
import { logs } from '../../cli/logs.ts'
import { kubectlArgs, extraArgs, capture, execSilent, execInherit } from '../../cli/exec.ts'
import { status } from '../../cli/status.ts'
import { answer, EXISTING_CLUSTER, fakePrograms, print } from './fake-programs.ts'
import { version } from '../../src/components.ts'

describe('a program', () => {
  const programs = { good: 'echo " out "; echo err >&2', bad: 'echo out; echo err >&2; exit 3' }

  test('is listened to when it succeeds', () => {
    const { context } = fakePrograms(programs)
    expect(capture(context, 'good', 'a', 'b')).toBe('out')
    expect(capture(context, 'bad')).toBeUndefined()
    expect(capture(context, 'missing')).toBeUndefined()
  })

  test('runs in the folder infra, with its environment', () => {
    const { context, infra } = fakePrograms({ where: 'echo "$PWD $THING $CHECKPOINT_DISABLE"' }, {},
      { THING: 'thing' })
    expect(capture(context, 'where')).toBe(`${infra} thing 1`)
  })

  test('that is shown fails with its command', () => {
    const { context } = fakePrograms({ bad: 'exit 3', killed: 'kill -TERM $$', good: '' })
    expect(() => execInherit(context, 'good')).not.toThrow()
    expect(() => execInherit(context, 'bad', 'a', 'b')).toThrow(new Error('bad a b failed'))
    expect(() => execInherit(context, 'missing'))
      .toThrow(/^missing cannot be started: .*ENOENT/)
    expect(() => execInherit(context, 'killed')).not.toThrow() // as Ctrl-C ends it
  })

  test('that fails silently reports its output', () => {
    const { context } = fakePrograms({ ...programs, killed: 'kill -TERM $$' })
    expect(() => execSilent(context, 'good', 'a')).not.toThrow()
    expect(() => execSilent(context, 'bad', 'a', 'b'))
      .toThrow(new Error('bad a b failed:\nout\nerr\n'))
    expect(() => execSilent(context, 'killed')).toThrow(new Error('killed  failed:\n'))
    expect(() => execSilent(context, 'missing'))
      .toThrow(/^missing cannot be started: .*ENOENT/)
  })

  test.each([[undefined, []], ['', []], [' -a  -b=c\n', ['-a', '-b=c']]])(
    'gets the options %j more', (value, options) => {
      const { context } = fakePrograms({}, {}, value === undefined ? {} : { MORE: value })
      expect(extraArgs(context, 'MORE')).toEqual(options)
    })
})

test.each<[string, object, NodeJS.ProcessEnv, string[]]>([
  ['Kind', {}, {}, ['state/dev/kubeconfig', 'kind-guestbook']],
  ['Kind of another name', { target: { clusterName: 'book' } }, {},
    ['state/dev/kubeconfig', 'kind-book']],
  ['Kind as staging', { target: { type: 'kind', workers: 3 } }, { ENVIRONMENT: 'staging' },
    ['state/staging/kubeconfig', 'kind-guestbook']],
  ['an existing cluster', EXISTING_CLUSTER, {}, ['/nowhere/config', 'there']],
  ['staging', EXISTING_CLUSTER, { ENVIRONMENT: 'staging' }, ['/nowhere/config', 'there']]
])('kubectl talks to the cluster of the configuration: %s', (_, settings, env, [file, name]) => {
  const { context, infra } = fakePrograms({}, settings, env)
  expect(kubectlArgs(context, 'get', 'pods')).toEqual([
    '--kubeconfig', file!.startsWith('/') ? file : join(infra, file!), '--context', name,
    'get', 'pods'
  ])
})

test('logs of both services are followed', () => {
  const { context, calls, kubectl } = fakePrograms({ kubectl: '' })
  logs(context)
  expect(calls()).toEqual([`${kubectl} logs ` +
    '--namespace guestbook --follow --prefix --tail=20 --max-log-requests=20 --selector ' +
    'app.kubernetes.io/name in (guestbook-backend,guestbook-frontend)'])
})

describe('make status', () => {
  const PODS = print('guestbook guestbook-backend-1 1/1 Running 0 5m\n' +
    'kube-system etcd 1/1 Running 0 5m\n' +
    'monitoring   kps-0  2/2  Pending 0 5m\nargocd argo 1/1 Running 0 1m\n' +
    'ingress ingress-1 0/1 CrashLoopBackOff 3 1m')
  const row = (pod: string, is: string) => `  ${pod.padEnd(72)} ${is}`
  const rows = [
    '',
    'Pods',
    row('guestbook/guestbook-backend-1', '1/1 Running'),
    row('monitoring/kps-0', '2/2 Pending'),
    row('argocd/argo', '1/1 Running'),
    row('ingress/ingress-1', '0/1 CrashLoopBackOff')
  ]
  const addresses = ['', 'URLs']
  const credential = (what: string, namespace: string, secret: string, key: string) =>
    `  ${what.padEnd(26)} kubectl get secret -n ${namespace} ${secret} ` +
    `-o jsonpath='{.data.${key}}' | base64 -d`
  const GRAFANA = credential('Grafana, user admin', 'monitoring', 'grafana-admin', 'admin-password')
  const MODERATOR =
    credential('token of moderators', 'guestbook', 'guestbook-tokens', 'moderator-token')
  const FAULTS =
    credential('token for faults', 'guestbook', 'guestbook-tokens', 'faults-token')
  const credentials = ['', 'Credentials (each command prints one)']
  const kubeconfig = (path: string) => ['', `For kubectl and helm: export KUBECONFIG=${path}`]

  test('prints pods, URLs and credentials of dev', async () => {
    const { context, calls, output, kubectl } = fakePrograms({ kubectl: PODS },
      { target: { ports: { http: 8080, guestbook: 30003 } } })
    await status(context)
    expect(output).toEqual([
      ...rows,
      ...addresses,
      '  Guestbook    http://localhost:8080',
      '  Guestbook    http://frontend.localhost:8080',
      '  Grafana      http://grafana.localhost:8080',
      '  Prometheus   http://prometheus.localhost:8080',
      '  past ingress http://localhost:30003',
      ...credentials, GRAFANA, MODERATOR, FAULTS,
      ...kubeconfig(context.kubeconfig)
    ])
    expect(calls()).toEqual(
      [`${kubectl} get pods --all-namespaces --no-headers --request-timeout=10s`])
  })

  test('prints no faults token in prod, and the Applications of Argo CD', async () => {
    const application = '{"items": [{"metadata": {"name": "guestbook-backend"}, "spec": {}}]}'
    const { context, output } = fakePrograms(
      { kubectl: answer({ '*get pods*': PODS, '*get applications*': print(application) }) },
      {
        target: { kubeconfig: '/k' },
        delivery: { mode: 'argocd', repository: 'https://git.example/r' }
      },
      { ENVIRONMENT: 'prod' })
    await status(context)
    expect(output).toEqual([
      ...rows,
      '',
      'Applications of Argo CD',
      '  guestbook-backend    Unknown, Unknown',
      ...addresses,
      '  Guestbook    http://guestbook.example',
      '  Grafana      http://grafana.guestbook.example',
      '  Prometheus   http://prometheus.guestbook.example',
      '  Argo CD      https://localhost:8083 after: kubectl port-forward -n argocd ' +
        'service/argo-cd-argocd-server 8083:443',
      ...credentials,
      GRAFANA,
      credential('Argo CD, user admin', 'argocd', 'argocd-initial-admin-secret', 'password'),
      MODERATOR,
      ...kubeconfig('/k')
    ])
  })

  test.each<[object, string[]]>([
    [{ grafana: false }, ['  Prometheus   http://prometheus.localhost']],
    [{ prometheus: false, grafana: false, traces: false }, []]
  ])('prints nothing of disabled components: %j', async (monitoring, more) => {
    const { context, output } = fakePrograms({ kubectl: '' }, { ...EXISTING_CLUSTER, monitoring })
    await status(context)
    expect(output).toEqual([
      '', 'Pods', ...addresses,
      '  Guestbook    http://localhost', '  Guestbook    http://frontend.localhost', ...more,
      ...credentials, MODERATOR, FAULTS, ...kubeconfig('/nowhere/config')
    ])
  })

  test('fails when the cluster does not answer', async () => {
    const { context, output } = fakePrograms({ kubectl: 'echo rubbish; exit 1' })
    await expect(status(context)).rejects.toThrow(
      'The cluster does not answer. `make doctor` finds causes, `make up` creates a cluster.')
    expect(output).toEqual([])
  })
})

describe('make lock', () => {
  const PLATFORMS = '-platform=linux_amd64 -platform=linux_arm64 -platform=darwin_amd64 ' +
    '-platform=darwin_arm64'
  const terraform = 'folder="${1#-chdir=}"\ncp "$folder/providers.tf.json" "$PWD/asked"\n' +
    'echo checksums > "$folder/.terraform.lock.hcl"'
  const leftovers = (infra: string) => readdirSync(infra).filter(name => name.startsWith('.lock-'))

  test.each<[string, NodeJS.ProcessEnv, string, string]>([
    ['every platform', {}, 'terraform', ` ${PLATFORMS}`],
    ['more options', { LOCK_ARGS: '-fs-mirror=/m' }, 'terraform', ` ${PLATFORMS} -fs-mirror=/m`],
    ['the platforms of the options', { LOCK_ARGS: '-platform=linux_arm64' }, 'terraform',
      ' -platform=linux_arm64'],
    ['another Terraform', { TERRAFORM_BINARY_NAME: 'tofu' }, 'tofu', ` ${PLATFORMS}`]
  ])('writes the checksums for %s', (_, env, program, options) => {
    const { context, infra, calls, output } = fakePrograms({ [program]: terraform }, {}, env)
    lock(context)
    expect(calls().map(call => call.replace(/\.lock-\w+/, '.lock-')))
      .toEqual([`${program} -chdir=${infra}/.lock- providers lock -no-color${options}`])
    expect(JSON.parse(readFileSync(join(infra, 'asked'), 'utf8'))).toEqual({
      terraform: {
        required_providers: {
          'kind-provider': { source: 'tehcyx/kind', version: version('kind-provider') },
          'helm-provider': { source: 'hashicorp/helm', version: version('helm-provider') },
          'kubernetes-provider': {
            source: 'hashicorp/kubernetes',
            version: version('kubernetes-provider')
          }
        }
      }
    })
    expect(readFileSync(join(infra, 'providers.lock.hcl'), 'utf8')).toBe('checksums\n')
    expect(output).toEqual(['The checksums are in infra/providers.lock.hcl. Commit it.'])
    expect(leftovers(infra)).toEqual([])
  })

  test('changes nothing when Terraform fails', () => {
    const { context, infra, output } = fakePrograms({ terraform: 'exit 1' })
    writeFileSync(join(infra, 'providers.lock.hcl'), 'old')
    expect(() => lock(context)).toThrow(/^terraform -chdir=.* providers lock .* failed$/)
    expect(readFileSync(join(infra, 'providers.lock.hcl'), 'utf8')).toBe('old')
    expect(leftovers(infra)).toEqual([])
    expect(output).toEqual([])
  })
})

test('a port is taken exactly while a program listens', async () => {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  expect(await portTaken('127.0.0.1', port)).toBe(true)
  await new Promise(resolve => server.close(resolve))
  expect(await portTaken('127.0.0.1', port)).toBe(false)
})
