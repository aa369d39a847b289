import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import {
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  mkdirSync,
  existsSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clearPendingReleases } from '../../cli/recovery.ts'
import { context, childEnvironment } from '../../cli/context.ts'
import { down } from '../../cli/down.ts'
import { endpoints } from '../../cli/endpoints.ts'
import { progressOf, stopwatch } from '../../cli/progress.ts'
import { cdktf, plain } from '../../cli/exec.ts'
import { components } from '../../src/components.ts'
import { loadConfig } from '../../src/config/load.ts'
import { prepareState } from '../../src/prepare.ts'

let infra: string
beforeEach(() => { infra = mkdtempSync(join(tmpdir(), 'guestbook-infra-')) })
afterEach(() => rmSync(infra, { recursive: true, force: true }))

/** A PATH on which shell scripts stand in for programs; a text that begins with #! is a script of its own kind. */
function pathWith (programs: Record<string, string>): string {
  const bin = join(infra, 'bin')
  mkdirSync(bin)
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(bin, name), text.startsWith('#!') ? text : `#!/bin/sh\n${text}`, {
      mode: 0o755
    })
  }
  return `${bin}:${process.env.PATH}`
}

describe('programs get', () => {
  test('the Docker engine that make wrote down, whatever else the environment says', () => {
    writeFileSync(join(infra, '.docker_sock'), 'unix:///run/user/1000/docker.sock\n')
    expect(childEnvironment(infra, { DOCKER_HOST: 'tcp://other' }).DOCKER_HOST).toBe(
      'unix:///run/user/1000/docker.sock'
    )
  })

  test('no Docker engine of ours when make wrote none', () => {
    expect(childEnvironment(infra, {})).not.toHaveProperty('DOCKER_HOST')
  })

  test('the PagerDuty key as the variable that Terraform reads', () => {
    expect(
      childEnvironment(infra, { PAGERDUTY_INTEGRATION_KEY: 'k' })
        .TF_VAR_pagerduty_integration_key
    ).toBe('k')
    expect(childEnvironment(infra, {})).not.toHaveProperty('TF_VAR_pagerduty_integration_key')
  })

  test('a configuration file by a path that holds in any folder', () => {
    writeFileSync(join(infra, 'mine.yaml'), '{}')
    expect(
      context(infra, { GUESTBOOK_CONFIG: join(infra, 'mine.yaml') }).env.GUESTBOOK_CONFIG
    ).toBe(join(infra, 'mine.yaml'))
  })

  test('Docker and the key when cdktf calls them', async () => {
    // A program in cdktf's place that tells what it was given.
    const PATH = pathWith({ cdktf: 'echo "args $*"\necho "docker $DOCKER_HOST"\n' })
    writeFileSync(join(infra, '.docker_sock'), 'unix:///run/mine.sock')
    const lines: string[] = []
    await cdktf(
      context(infra, { PATH, CDKTF_ARGS: '--skip-provider-lock' }),
      ['deploy', '*'],
      line => lines.push(line)
    )
    expect(lines).toEqual(['args deploy * --skip-provider-lock', 'docker unix:///run/mine.sock'])
  })

  test('their complaints heard: what Terraform says is wrong is the error', async () => {
    const PATH = pathWith({
      cdktf: 'printf "platform  ╷\\n          │ Error: no such chart\\n          ╵\\n"\nexit 1\n'
    })
    await expect(cdktf(context(infra, { PATH }), ['deploy'], () => {})).rejects.toThrow(
      'cdktf deploy failed.\n  Error: no such chart'
    )
  })
})

describe('a deployment that is interrupted', () => {
  beforeEach(() => { jest.spyOn(console, 'error').mockImplementation(() => {}) })
  afterEach(() => { jest.restoreAllMocks() })

  // Programs in their places: Terraform writes down what it made when it is asked to end, and is slow to.
  const TERRAFORM =
    'trap "echo state > $PWD/state; exit 1" INT\necho begun\nwhile :; do sleep 0.1; done\n'
  // In a session of its own, as cdktf starts it.
  const STARTER = `#!${process.execPath}\nconst child = require('child_process').spawn('terraform', { detached: true, stdio: 'inherit' })\nchild.on('exit', code => process.exit(code ?? 1))\n`
  const withPrograms = (programs: Record<string, string>) =>
    context(infra, { PATH: pathWith({ cdktf: STARTER, ...programs }) })
  const deploy = (terraform: string, onBegun: () => void) =>
    cdktf(withPrograms({ terraform }), ['deploy', '*'], line => {
      if (line === 'begun') onBegun()
    })

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'by %s waits for Terraform to write down what it made',
    async signal => {
      await expect(deploy(TERRAFORM, () => process.emit(signal))).rejects.toThrow(
        'cdktf deploy * was interrupted. Run the same again to go on.'
      )
      expect(existsSync(join(infra, 'state'))).toBe(true)
      expect(process.listenerCount(signal)).toBe(0)
      expect(jest.mocked(console.error).mock.calls).toEqual([
        ['interrupted: Terraform ends what it has begun; once more ends it at once']
      ])
    }
  )

  test('is left as it is when it was to take everything away: Docker does not go on', async () => {
    jest.spyOn(console, 'log').mockImplementation(text => {
      if (String(text).includes('removing')) process.emit('SIGINT')
    })
    const programs = withPrograms({
      terraform: TERRAFORM.replace('begun', 'cluster  kind_cluster.cluster: Destroying...'),
      docker: `echo "$*" >> ${infra}/docker-calls\n`
    })
    await expect(down(programs)).rejects.toThrow('cdktf destroy * --auto-approve was interrupted')
    expect(readFileSync(join(infra, 'docker-calls'), 'utf8')).not.toMatch(/\brm\b/)
  })

  test('a second time leaves nothing of it running', async () => {
    const tries = 'i=0; while [ $i -lt 40 ]; do sleep 0.1; i=$((i+1)); done; touch survived'
    const PATH = pathWith({ cdktf: `sh -c 'trap "" INT; echo begun; ${tries}'\n` })
    const ended = cdktf(context(infra, { PATH }), ['deploy'], line => {
      if (line === 'begun') for (const signal of ['SIGINT', 'SIGINT'] as const) process.emit(signal)
    })
    await expect(ended).rejects.toThrow('was interrupted')
    expect(existsSync(join(infra, 'survived'))).toBe(false)
  })

  test('a second time does not wait', async () => {
    const stubborn =
      'trap "" INT\necho begun\nwhile :; do kill -0 $PPID 2>/dev/null || exit; sleep 0.1; done\n'
    await expect(
      deploy(stubborn, () => {
        process.emit('SIGINT')
        process.emit('SIGINT')
      })
    ).rejects.toThrow('was interrupted')
  })
})

describe('Helm operations under way', () => {
  const now = Math.floor(Date.now() / 1000)
  /** Of an upgrade that began a minute ago, and of a removal that began an hour ago of what was made before. */
  const records = `guestbook young  ${now - 60}\nmonitoring old ${now - 3600} ${now - 7200}\n`

  function dropped (settings: object): string[] {
    const PATH = pathWith({
      kubectl: `case "$*" in\n*" get secrets "*) printf '${records}' ;;\n*" delete secret "*) echo "$*" | sed 's/.* //' >> ${infra}/dropped ;;\nesac\n`
    })
    writeFileSync(join(infra, 'kubeconfig'), '')
    writeFileSync(
      join(infra, 'mine.yaml'),
      JSON.stringify({
        target: { type: 'context', kubeconfig: join(infra, 'kubeconfig'), context: 'there' },
        images: { repository: 'r' },
        ...settings
      })
    )
    const count = clearPendingReleases(
      context(infra, { PATH, GUESTBOOK_CONFIG: join(infra, 'mine.yaml') })
    )
    const names = readFileSync(join(infra, 'dropped'), 'utf8').trim().split('\n')
    expect(names).toHaveLength(count)
    return names
  }

  test('are interrupted ones where nobody else deploys', () => {
    expect(dropped({})).toEqual(['young', 'old'])
  })

  test('may be somebody else\'s where the state is shared, until they are older than any', () => {
    expect(
      dropped({ state: { backend: 'http', settings: { address: 'https://states.example' } } })
    ).toEqual(['old'])
  })
})

describe('the progress of a deployment', () => {
  test.each<[string, string | undefined]>([
    [
      'guestbook  helm_release.guestbook-backend_release_5F02AEAC: Creating...',
      'guestbook: making guestbook-backend (release)'
    ],
    [
      'platform  kubernetes_namespace_v1.ingress_namespace_B555FE22: Creation complete after 0s [id=ingress]',
      'platform: made ingress (namespace)'
    ],
    [
      'cluster  kind_cluster.cluster: Destroying... [id=guestbook-]',
      'cluster: removing cluster (cluster)'
    ],
    ['guestbook  terraform_data.images_C60DC01C: Still creating... [10s elapsed]', undefined],
    [
      'guestbook  terraform_data.images_C60DC01C (local-exec): build: guestbook-backend:1',
      '  build: guestbook-backend:1'
    ],
    [
      'guestbook  terraform_data.images_C60DC01C (local-exec): Executing: ["/bin/sh" "-c" "./build.sh"]',
      undefined
    ],
    [
      'platform  There is no PagerDuty key: alerts page nobody.',
      'warning: There is no PagerDuty key: alerts page nobody'
    ],
    [
      'Apply complete! Resources: 3 added, 1 changed, 1 destroyed.',
      'Resources: 3 added, 1 changed, 1 destroyed.'
    ],
    ['cluster  Initializing the backend...', undefined]
  ])('of "%s" is %s', (line, text) => {
    expect(progressOf(line)).toBe(text)
  })

  test('comes without colours, spinners and counters', () => {
    expect(plain('\u001b[2K\u001b[1A\u001b[Gcluster  \u001b[1mhello\u001b[0m')).toBe(
      'cluster  hello'
    )
    expect(plain('⠸  Processing')).toBe('')
    expect(plain('1 Stack deploying     1 Stack done     0 Stacks waiting')).toBe('')
  })

  test('tells the time since the start', () => {
    const lines: string[] = []
    stopwatch(line => lines.push(line)).say('doctor')
    expect(lines).toEqual(['[0:00] doctor'])
  })
})

describe('the state on this computer', () => {
  test('can be read by its owner alone', () => {
    prepareState(loadConfig('dev'), infra)
    expect(statSync(join(infra, 'state/dev/cluster.tfstate')).mode & 0o777).toBe(0o600)
    expect(statSync(join(infra, 'state/dev')).mode & 0o777).toBe(0o700)
  })

  test('is not touched when it is there', () => {
    mkdirSync(join(infra, 'state/dev'), { recursive: true })
    writeFileSync(join(infra, 'state/dev/cluster.tfstate'), '{"version": 4}', { mode: 0o644 })
    prepareState(loadConfig('dev'), infra)
    expect(readFileSync(join(infra, 'state/dev/cluster.tfstate'), 'utf8')).toBe('{"version": 4}')
    expect(statSync(join(infra, 'state/dev/cluster.tfstate')).mode & 0o777).toBe(0o600)
  })

  test('of another environment is not asked to move when the environment changes', () => {
    const memory = join(infra, 'cdktf.out/stacks/platform/.terraform/terraform.tfstate')
    prepareState(loadConfig('dev'), infra)
    mkdirSync(join(memory, '..'), { recursive: true })
    writeFileSync(memory, '{}')
    prepareState(loadConfig('dev'), infra)
    expect(existsSync(memory)).toBe(true)
    prepareState(loadConfig('staging'), infra)
    expect(existsSync(memory)).toBe(false)
  })
})

test('secrets.tfvars reaches Terraform by itself, and is gone from there when it is gone', () => {
  const link = join(infra, 'cdktf.out/stacks/platform/secrets.auto.tfvars')
  writeFileSync(join(infra, 'secrets.tfvars'), 'heartbeat_url = "https://example.com"')
  prepareState(loadConfig('dev'), infra)
  expect(readFileSync(link, 'utf8')).toBe('heartbeat_url = "https://example.com"')
  rmSync(join(infra, 'secrets.tfvars'))
  prepareState(loadConfig('dev'), infra)
  expect(existsSync(link)).toBe(false)
})

describe('checksums of the providers', () => {
  const lockFile = (versions: Record<string, string>) =>
    Object.entries(versions)
      .map(
        ([source, version]) =>
          `provider "registry.terraform.io/${source}" {\n  version     = "${version}"\n  hashes = [\n    "h1:x=",\n  ]\n}\n`
      )
      .join('\n')
  const ledger = Object.fromEntries(
    components
      .filter(({ kind }) => kind === 'provider')
      .map(({ source, version }) => [source, version])
  )

  test('bind every stack once they are noted down', () => {
    writeFileSync(join(infra, 'providers.lock.hcl'), lockFile(ledger))
    prepareState(loadConfig('dev'), infra)
    for (const stack of ['cluster', 'platform', 'guestbook']) {
      expect(
        readFileSync(join(infra, 'cdktf.out/stacks', stack, '.terraform.lock.hcl'), 'utf8')
      ).toBe(lockFile(ledger))
    }
  })

  test('of another version than the ledger\'s are refused, with what to do', () => {
    writeFileSync(
      join(infra, 'providers.lock.hcl'),
      lockFile({ ...ledger, 'hashicorp/helm': '3.0.0' })
    )
    expect(() => prepareState(loadConfig('dev'), infra)).toThrow(
      /no checksums of hashicorp\/helm \S+, which components.json names: run make lock-providers/
    )
  })
})

test.each([undefined, '', 'yes', 'dev', 'prod', 'Staging', 'staging '])(
  'a cluster that is not ours alone is not emptied when CONFIRM is %j', async answer => {
    const CONFIRM = answer === undefined ? {} : { CONFIRM: answer }
    const programs = { cdktf: 'echo "$*" >> $PWD/calls\n' }
    const PATH = pathWith(programs)
    await expect(down(context(infra, { ENVIRONMENT: 'staging', PATH, ...CONFIRM })))
      .rejects.toThrow('CONFIRM=staging make down ENVIRONMENT=staging')
    expect(existsSync(join(infra, 'calls'))).toBe(false)
  })

test('addresses are those that the configuration makes', () => {
  expect(
    endpoints(loadConfig('dev', { target: { ports: { http: 8080 } } })).map(
      ({ name, url }) => `${name} ${url}`
    )
  ).toEqual([
    'Guestbook http://localhost:8080',
    'Guestbook http://frontend.localhost:8080',
    'Grafana http://grafana.localhost:8080',
    'Prometheus http://prometheus.localhost:8080'
  ])
})
