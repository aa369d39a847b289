/** Checks that run before a deployment. Each reports what it found and how to fix it. */
import type { Config } from '../../src/config/schema.ts'

/** Facts about this computer; tests replace them. */
export interface Probes {
  /** The Docker engine, or the reason why it is unavailable. */
  readonly docker: () =>
    | { readonly memoryBytes: number; readonly cpus: number; readonly architecture: string }
    | string
  /** Whether another program listens on a port. */
  readonly portTaken: (address: string, port: number) => Promise<boolean>
  /** A kernel setting; undefined where it does not exist. */
  readonly kernel: (name: string) => number | undefined
  /** Free bytes on the file system of Docker or of this folder, whichever has less. */
  readonly freeBytes: () => number
  /** Version of a program, such as 1.11.4; undefined when it is not installed. */
  readonly version: (program: string) => string | undefined
  /** Containers of a Kind cluster, running or not. */
  readonly clusterContainers: (name: string) => {
    readonly running: number
    readonly stopped: number
  }
  /** Whether Terraform's state contains the cluster. */
  readonly stateHasCluster: () => boolean
  /** Contexts of a kubeconfig file; undefined when there is no such file. */
  readonly kubeContexts: (file: string) => readonly string[] | undefined
}

export interface Finding {
  readonly name: string
  readonly level: 'ok' | 'warning' | 'failure'
  readonly found: string
  /** One line, unless the level is ok. */
  readonly fix?: string
}

const GiB = 1024 ** 3
/** GiB for the profile and for building images. */
const MEMORY = { small: 6, full: 14 }
/** For the first deployment, and for later ones. */
const DISK_GIB = { first: 15, again: 3 }
const INOTIFY = { 'fs.inotify.max_user_instances': 512, 'fs.inotify.max_user_watches': 100_000 }
const PROGRAMS = [
  {
    program: 'terraform',
    atLeast: '1.11.0',
    fix: 'install Terraform 1.11 or newer: https://developer.hashicorp.com/terraform/install'
  },
  {
    program: 'kubectl',
    atLeast: '1.25.0',
    fix: 'install kubectl: https://kubernetes.io/docs/tasks/tools'
  }
]
const ARCHITECTURES = ['x86_64', 'amd64', 'aarch64', 'arm64']

const ok = (name: string, found: string): Finding => ({ name, level: 'ok', found })
const failure = (name: string, found: string, fix: string): Finding =>
  ({ name, level: 'failure', found, fix })
const warning = (name: string, found: string, fix: string): Finding =>
  ({ name, level: 'warning', found, fix })

/** Runs all checks for a configuration. */
export async function runChecks (config: Config, probes: Probes): Promise<Finding[]> {
  const programs = PROGRAMS.map(wanted => program(probes, wanted))
  const { target } = config
  if (target.type === 'context') {
    return [
      ...programs,
      ...(config.images.build ? [engine(probes)] : []),
      kubeContext(probes, target)
    ]
  }
  const reached = engine(probes)
  if (reached.level === 'failure') return [reached, ...programs]
  const cluster = clusterState(probes, target.clusterName)
  return [
    reached,
    ...size(config, probes),
    disk(probes, target.clusterName),
    ...programs,
    ...kernelLimits(probes),
    cluster,
    // A running cluster occupies its ports.
    ...(probes.clusterContainers(target.clusterName).running > 0
      ? []
      : await ports(probes, target.ports))
  ]
}

function engine (probes: Probes): Finding {
  const docker = probes.docker()
  if (typeof docker === 'string') {
    return failure('Docker', docker,
      'start Docker and give this user access: https://docs.docker.com/engine/install')
  }
  if (!ARCHITECTURES.includes(docker.architecture)) {
    return failure('Docker', `runs on ${docker.architecture}`,
      'use a computer with x86-64 or ARM64: images exist only for these')
  }
  return ok('Docker', `running on ${docker.architecture}`)
}

function size (config: Config, probes: Probes): Finding[] {
  const docker = probes.docker()
  if (typeof docker === 'string') return []
  const needed = MEMORY[config.profile]
  const has = docker.memoryBytes / GiB
  return [
    has < needed
      ? failure('Memory',
          `Docker has ${has.toFixed(1)} GiB, profile ${config.profile} needs ${needed}`,
          `give Docker ${needed} GiB or more (Docker Desktop: Settings, Resources)`)
      : ok('Memory', `${has.toFixed(1)} GiB, ${needed} needed`),
    docker.cpus < 2
      ? warning('CPUs', `Docker has ${docker.cpus}, so deployments are slow`,
        'give Docker 2 CPUs or more')
      : ok('CPUs', String(docker.cpus))
  ]
}

function disk (probes: Probes, clusterName: string): Finding {
  const free = probes.freeBytes() / GiB
  const needed = probes.clusterContainers(clusterName).running > 0 ? DISK_GIB.again : DISK_GIB.first
  return free < needed
    ? failure('Disk', `${free.toFixed(1)} GiB free, ${needed} needed`,
      'free disk space: `docker system prune` removes unused data of Docker')
    : ok('Disk', `${free.toFixed(0)} GiB free`)
}

function program (probes: Probes, { program, atLeast, fix }: typeof PROGRAMS[number]): Finding {
  const version = probes.version(program)
  if (version === undefined) return failure(program, 'not on the PATH', fix)
  return older(version, atLeast)
    ? failure(program, `version ${version}, ${atLeast} needed`, fix)
    : ok(program, version)
}

function older (version: string, atLeast: string): boolean {
  const [have, need] = [version, atLeast].map(text => text.split('.').map(Number))
  for (const [index, number] of need!.entries()) {
    if ((have![index] ?? 0) !== number) return (have![index] ?? 0) < number
  }
  return false
}

function kernelLimits (probes: Probes): Finding[] {
  return Object.entries(INOTIFY).flatMap(([name, least]) => {
    const value = probes.kernel(name)
    if (value === undefined) return []
    return value < least
      ? warning(name, `${value}; pods of a large cluster need ${least} or more`,
        `sudo sysctl -w ${name}=${least}`)
      : ok(name, String(value))
  })
}

type KindTarget = Extract<Config['target'], { type: 'kind' }>
type ContextTarget = Extract<Config['target'], { type: 'context' }>

async function ports (
  probes: Probes, { listenAddress, ...numbers }: KindTarget['ports']
): Promise<Finding[]> {
  return await Promise.all(
    Object.entries(numbers).map(async ([setting, port]) =>
      (await probes.portTaken(listenAddress, port))
        ? failure(`Port ${port}`, 'in use',
          `stop the program that uses it (sudo ss -ltnp 'sport = :${port}'), or set ` +
            `target.ports.${setting} in infra/local.yaml`)
        : ok(`Port ${port}`, 'free')
    )
  )
}

/** Every plan fails when Docker and Terraform's state disagree on whether the cluster exists. */
function clusterState (probes: Probes, name: string): Finding {
  const { running, stopped } = probes.clusterContainers(name)
  const inState = probes.stateHasCluster()
  if (running + stopped > 0 && !inState) {
    return failure('Cluster',
      `"${name}" exists but is not in Terraform's state: it is incomplete, or the state is lost`,
      'run `make down` to remove it with its messages, or set another target.clusterName')
  }
  if (inState && running + stopped === 0) {
    return warning('Cluster', `"${name}" is in Terraform's state but does not exist`,
      '`make up` and `make down` discard the state')
  }
  if (stopped > 0) {
    const nodes = `stopped node${stopped > 1 ? 's' : ''}`
    return warning('Cluster', `"${name}" has ${stopped} ${nodes}`, '`make up` starts them')
  }
  return ok('Cluster', running > 0 ? `"${name}" is running` : 'none yet')
}

function kubeContext (probes: Probes, { kubeconfig, context }: ContextTarget): Finding {
  const contexts = probes.kubeContexts(kubeconfig)
  if (!contexts) {
    return failure('Kubeconfig', `${kubeconfig} does not exist`,
      'set target.kubeconfig in infra/local.yaml')
  }
  if (!contexts.includes(context)) {
    return failure('Context',
      `"${context}" is not in ${kubeconfig}, which has ${contexts.join(', ') || 'no contexts'}`,
      'set target.context in infra/local.yaml')
  }
  return ok('Context', context)
}
