/** What must hold before a deployment can succeed. Each check says what it found and, if it fails, the one line that mends it. */
import type { Config } from '../../src/config/schema.ts'

/** What can be asked of this computer. Tests answer otherwise. */
export interface Probes {
  /** The Docker engine; a text says why there is none. */
  readonly docker: () =>
    | { readonly memoryBytes: number; readonly cpus: number; readonly architecture: string }
    | string
  /** Who listens on a port; undefined when it is free. */
  readonly portTaken: (address: string, port: number) => Promise<boolean>
  /** A kernel setting; undefined where the kernel has none of that name. */
  readonly kernel: (name: string) => number | undefined
  /** Free bytes where Docker or this folder is, whichever has less. */
  readonly freeBytes: () => number
  /** Version of a program, such as 1.11.4; undefined when it is missing. */
  readonly version: (program: string) => string | undefined
  /** Containers of a Kind cluster, running or not. */
  readonly clusterContainers: (name: string) => {
    readonly running: number
    readonly stopped: number
  }
  /** Whether Terraform's state knows the cluster. */
  readonly stateHasCluster: () => boolean
  /** Contexts of a kubeconfig file; undefined when there is no such file. */
  readonly kubeContexts: (file: string) => readonly string[] | undefined
}

export interface Finding {
  readonly name: string
  readonly level: 'ok' | 'warning' | 'failure'
  readonly found: string
  /** One line; with everything that is not ok. */
  readonly fix?: string
}

const GiB = 1024 ** 3
/** The profile's own need and what is left for building images. */
const MEMORY = { small: 6, full: 14 }
/** A first deployment, and one that only changes something. */
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
const failure = (name: string, found: string, fix: string): Finding => ({
  name,
  level: 'failure',
  found,
  fix
})
const warning = (name: string, found: string, fix: string): Finding => ({
  name,
  level: 'warning',
  found,
  fix
})

/** Everything that is to be known before a deployment of this configuration. */
export async function examine (config: Config, probes: Probes): Promise<Finding[]> {
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
    // A cluster that runs holds its ports itself.
    ...(probes.clusterContainers(target.clusterName).running > 0
      ? []
      : await ports(probes, target.ports))
  ]
}

function engine (probes: Probes): Finding {
  const docker = probes.docker()
  if (typeof docker === 'string') {
    return failure(
      'Docker',
      docker,
      'start Docker, and allow this user to use it: https://docs.docker.com/engine/install'
    )
  }
  if (!ARCHITECTURES.includes(docker.architecture)) {
    return failure(
      'Docker',
      `runs on ${docker.architecture}`,
      'use a computer with x86-64 or ARM64; the images exist for no other'
    )
  }
  return ok('Docker', `answers, ${docker.architecture}`)
}

function size (config: Config, probes: Probes): Finding[] {
  const docker = probes.docker()
  if (typeof docker === 'string') return []
  const needed = MEMORY[config.profile]
  const has = docker.memoryBytes / GiB
  return [
    has < needed
      ? failure(
        'Memory',
          `Docker has ${has.toFixed(1)} GiB, profile ${config.profile} needs ${needed}`,
          `give Docker ${needed} GiB or more (Docker Desktop: Settings, Resources)`
      )
      : ok('Memory', `${has.toFixed(1)} GiB, ${needed} needed`),
    docker.cpus < 2
      ? warning(
        'CPUs',
          `Docker has ${docker.cpus}; a deployment will be slow`,
          'give Docker 2 CPUs or more'
      )
      : ok('CPUs', String(docker.cpus))
  ]
}

function disk (probes: Probes, clusterName: string): Finding {
  const free = probes.freeBytes() / GiB
  const needed = probes.clusterContainers(clusterName).running > 0 ? DISK_GIB.again : DISK_GIB.first
  return free < needed
    ? failure(
      'Disk',
        `${free.toFixed(1)} GiB free, ${needed} needed`,
        'free some: `docker system prune` removes what Docker no longer uses'
    )
    : ok('Disk', `${free.toFixed(0)} GiB free`)
}

function program (probes: Probes, { program, atLeast, fix }: typeof PROGRAMS[number]): Finding {
  const version = probes.version(program)
  if (version === undefined) return failure(program, 'is not on the PATH', fix)
  return older(version, atLeast)
    ? failure(program, `is ${version}, ${atLeast} needed`, fix)
    : ok(program, version)
}

function older (version: string, atLeast: string): boolean {
  const [have, need] = [version, atLeast].map(text => text.split('.').map(Number))
  for (const [place, number] of need!.entries()) {
    if ((have![place] ?? 0) !== number) return (have![place] ?? 0) < number
  }
  return false
}

function kernelLimits (probes: Probes): Finding[] {
  return Object.entries(INOTIFY).flatMap(([name, least]) => {
    const value = probes.kernel(name)
    if (value === undefined) return []
    return value < least
      ? warning(
        name,
          `is ${value}; with less than ${least}, pods of a large cluster run out of file watches`,
          `sudo sysctl -w ${name}=${least}`
      )
      : ok(name, String(value))
  })
}

async function ports (
  probes: Probes,
  {
    listenAddress,
    ...numbers
  }: { listenAddress: string; http: number; https: number; guestbook: number }
): Promise<Finding[]> {
  return await Promise.all(
    Object.entries(numbers).map(async ([setting, port]) =>
      (await probes.portTaken(listenAddress, port))
        ? failure(
            `Port ${port}`,
            'is in use',
            `stop what uses it (sudo ss -ltnp 'sport = :${port}'), or set target.ports.${setting} in infra/local.yaml`
        )
        : ok(`Port ${port}`, 'is free')
    )
  )
}

/** A cluster that Terraform does not know, or knows and that is gone, would make every plan fail. */
function clusterState (probes: Probes, name: string): Finding {
  const { running, stopped } = probes.clusterContainers(name)
  const known = probes.stateHasCluster()
  if (running + stopped > 0 && !known) {
    return failure(
      'Cluster',
      `"${name}" exists, and the state does not know it: half-made, or the state was lost`,
      '`make down` removes it with its messages; or set another target.clusterName'
    )
  }
  if (known && running + stopped === 0) {
    return warning(
      'Cluster',
      `"${name}" is in the state, but gone`,
      '`make up` and `make down` forget it'
    )
  }
  if (stopped > 0) {
    return warning(
      'Cluster',
      `${stopped} node${stopped > 1 ? 's' : ''} of "${name}" stopped`,
      '`make up` starts them'
    )
  }
  return ok('Cluster', running > 0 ? `"${name}" runs` : 'none yet')
}

function kubeContext (
  probes: Probes,
  { kubeconfig, context }: { kubeconfig: string; context: string }
): Finding {
  const contexts = probes.kubeContexts(kubeconfig)
  if (!contexts) {
    return failure(
      'Kubeconfig',
      `${kubeconfig} is missing`,
      'set target.kubeconfig in infra/local.yaml'
    )
  }
  if (!contexts.includes(context)) {
    return failure(
      'Context',
      `"${context}" is not in ${kubeconfig}, which has ${contexts.join(', ') || 'none'}`,
      'set target.context in infra/local.yaml'
    )
  }
  return ok('Context', context)
}
