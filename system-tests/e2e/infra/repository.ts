/** A Git repository inside the cluster, in place of the one that a team has. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { kubectlArgs } from '../../../infra/cli/exec.ts'
import { gitImage, REGISTRY, root, type Deployment } from './deployment.ts'

export const URL_IN_CLUSTER = 'git://git.git/guestbook.git'

const metadata = { name: 'git', namespace: 'git', labels: { app: 'git' } }
const serve =
  'git init --quiet --bare --initial-branch main /tmp/guestbook.git && exec git daemon --base-path=/tmp --export-all --enable=receive-pack --reuseaddr'
const manifests = [
  {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'git', labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } }
  },
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: { selector: metadata.labels, ports: [{ port: 9418 }] }
  },
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: {
      serviceAccountName: 'git',
      automountServiceAccountToken: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: 999,
        seccompProfile: { type: 'RuntimeDefault' }
      },
      containers: [
        {
          name: 'git',
          image: gitImage,
          command: ['sh', '-c', serve],
          readinessProbe: { tcpSocket: { port: 9418 }, periodSeconds: 1 },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }
        }
      ]
    }
  }
]

/** The charts as they are here, and the files that name the images. */
export class Repository {
  readonly #folder = mkdtempSync(join(tmpdir(), 'guestbook-e2e-'))

  readonly deployment: Deployment

  constructor (deployment: Deployment) {
    this.deployment = deployment
    this.#git('init', '--quiet')
    this.#git('symbolic-ref', 'HEAD', 'refs/heads/main')
    cpSync(join(root, 'charts'), join(this.#folder, 'charts'), { recursive: true })
  }

  /** Starts the server, and waits until it answers. */
  serve (): void {
    const { context } = this.deployment
    execFileSync('kubectl', kubectlArgs(context, 'apply', '--filename', '-'), {
      input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests }),
      stdio: ['pipe', 'ignore', 'inherit']
    })
    this.deployment.kubectl(
      'wait',
      'pod/git',
      '--namespace',
      'git',
      '--for=condition=Ready',
      '--timeout=300s'
    )
  }

  /** Commits which tags are to run, as `make commit-tag` does, and pushes. @returns the commit */
  async publish (tags: { readonly backend: string; readonly frontend: string }): Promise<string> {
    mkdirSync(join(this.#folder, 'infra/argocd'), { recursive: true })
    for (const [service, tag] of Object.entries(tags)) {
      writeFileSync(
        join(this.#folder, `infra/argocd/${service}.yaml`),
        `image: { repository: ${REGISTRY}/guestbook-${service}, tag: ${tag} }\n`
      )
    }
    this.#git('add', '.')
    this.#git(
      '-c',
      'user.name=e2e',
      '-c',
      'user.email=e2e@guestbook.invalid',
      'commit',
      '--quiet',
      '--message',
      `Run ${tags.backend} and ${tags.frontend}`
    )
    await this.#push()
    return this.#git('rev-parse', 'HEAD').trim()
  }

  async #push (): Promise<void> {
    const forward = spawn(
      'kubectl',
      kubectlArgs(
        this.deployment.context,
        'port-forward',
        '--namespace',
        'git',
        'service/git',
        ':9418'
      ),
      { stdio: ['ignore', 'pipe', 'inherit'] }
    )
    try {
      const [line] = (await once(createInterface(forward.stdout), 'line', {
        signal: AbortSignal.timeout(30_000)
      })) as [string]
      this.#git(
        'push',
        '--quiet',
        `git://127.0.0.1:${/:(\d+) ->/.exec(line)![1]}/guestbook.git`,
        'main'
      )
    } finally {
      forward.kill()
    }
  }

  #git (...args: string[]): string {
    return execFileSync('git', args, { cwd: this.#folder, encoding: 'utf8' })
  }

  [Symbol.dispose] (): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
