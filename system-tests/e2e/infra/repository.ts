/** A Git repository inside the cluster, which replaces a team's. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '../../lib/exec.ts'
import { ROOT } from '../../lib/paths.ts'
import { CONTAINER_SECURITY, podSecurity } from '../../lib/pod-security.ts'
import { gitImage, REGISTRY, type Deployment } from './deployment.ts'

export const URL_IN_CLUSTER = 'git://git.git/guestbook.git'

const metadata = { name: 'git', namespace: 'git', labels: { app: 'git' } }
const serve =
  'git init --quiet --bare --initial-branch main /tmp/guestbook.git && ' +
  'exec git daemon --base-path=/tmp --export-all --enable=receive-pack --reuseaddr'
const AUTHOR = ['-c', 'user.name=e2e', '-c', 'user.email=e2e@guestbook.invalid']
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
      securityContext: podSecurity(999),
      containers: [
        {
          name: 'git',
          image: gitImage,
          command: ['sh', '-c', serve],
          readinessProbe: { tcpSocket: { port: 9418 }, periodSeconds: 1 },
          securityContext: CONTAINER_SECURITY
        }
      ]
    }
  }
]

/** This checkout's charts, and the files that name the images. */
export class Repository {
  readonly #folder = mkdtempSync(join(tmpdir(), 'guestbook-e2e-'))
  #isInitialised = false

  readonly deployment: Deployment

  constructor (deployment: Deployment) {
    this.deployment = deployment
    cpSync(join(ROOT, 'charts'), join(this.#folder, 'charts'), { recursive: true })
  }

  /** Starts the server, and waits until it is ready. */
  async serve (): Promise<void> {
    const { cluster } = this.deployment
    await cluster.send('apply', ...manifests)
    await cluster.wait('pod/git', 'condition=Ready', '300s', '--namespace', 'git')
  }

  /** Commits the tags to run, as `make commit-tag` does, and pushes. @returns the commit */
  async publish (tags: { readonly backend: string; readonly frontend: string }): Promise<string> {
    mkdirSync(join(this.#folder, 'infra/argocd'), { recursive: true })
    for (const [service, tag] of Object.entries(tags)) {
      writeFileSync(
        join(this.#folder, `infra/argocd/${service}.yaml`),
        `image: { repository: ${REGISTRY}/guestbook-${service}, tag: ${tag} }\n`
      )
    }
    if (!this.#isInitialised) {
      await this.#git('init', '--quiet', '--initial-branch', 'main')
      this.#isInitialised = true
    }
    await this.#git('add', '.')
    const message = `Run ${tags.backend} and ${tags.frontend}`
    await this.#git(...AUTHOR, 'commit', '--quiet', '--message', message)
    await this.#push()
    return await this.#git('rev-parse', 'HEAD')
  }

  async #push (): Promise<void> {
    const namespace = ['--namespace', 'git']
    const forward = await this.deployment.cluster.forward('service/git', 9418, ...namespace)
    try {
      await forward.ready()
      await this.#git('push', '--quiet', `git://127.0.0.1:${forward.port}/guestbook.git`, 'main')
    } finally {
      forward.close()
    }
  }

  async #git (...args: string[]): Promise<string> {
    return await run('git', args, { cwd: this.#folder })
  }

  [Symbol.dispose] (): void { rmSync(this.#folder, { recursive: true, force: true }) }
}
