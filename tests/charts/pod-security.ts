import type { Json, KubeObject } from './helm.ts'

// The restricted profile, including the baseline:
// https://kubernetes.io/docs/concepts/security/pod-security-standards/

interface SecurityContext {
  runAsNonRoot?: boolean
  runAsUser?: number
  privileged?: boolean
  allowPrivilegeEscalation?: boolean
  procMount?: string
  capabilities?: { add?: string[], drop?: string[] }
  seccompProfile?: { type?: string }
  appArmorProfile?: { type?: string }
  seLinuxOptions?: { type?: string, user?: string, role?: string }
  windowsOptions?: { hostProcess?: boolean }
  sysctls?: Array<{ name: string }>
}
interface Probe { httpGet?: { host?: string }, tcpSocket?: { host?: string } }
export interface Container {
  name: string
  securityContext?: SecurityContext
  ports?: Array<{ hostPort?: number }>
  livenessProbe?: Probe
  readinessProbe?: Probe
  startupProbe?: Probe
  lifecycle?: { postStart?: Probe, preStop?: Probe }
}
export interface PodSpec extends Json {
  securityContext?: SecurityContext
  containers: Container[]
  initContainers?: Container[]
  volumes?: Json[]
}

const VOLUMES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret'
]
const SECCOMP = ['RuntimeDefault', 'Localhost']
const SELINUX = [
  undefined,
  '',
  'container_t',
  'container_init_t',
  'container_kvm_t',
  'container_engine_t'
]
const SAFE_SYSCTLS = [
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ping_group_range',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.tcp_wmem'
]

/** How a pod violates the restricted Pod Security Standard. */
export function violations (pod: PodSpec): string[] {
  const problems = ['hostNetwork', 'hostPID', 'hostIPC'].filter(field => pod[field])
  for (const { name, ...source } of pod.volumes ?? []) {
    if (!Object.keys(source).every(type => VOLUMES.includes(type))) {
      problems.push(`volume ${String(name)}: ${Object.keys(source).join()}`)
    }
  }
  const own = pod.securityContext ?? {}
  problems.push(...common(own, 'pod'))
  for (const { name } of own.sysctls ?? []) {
    if (!SAFE_SYSCTLS.includes(name)) problems.push(`sysctl ${name}`)
  }
  return [
    ...problems,
    ...[...pod.containers, ...(pod.initContainers ?? [])].flatMap(container =>
      inContainer(container, own)
    )
  ]
}

function inContainer (
  { name, securityContext: context = {}, ports = [], ...container }: Container,
  pod: SecurityContext
): string[] {
  const { drop = [], add = [] } = context.capabilities ?? {}
  const handlers = [
    container.livenessProbe,
    container.readinessProbe,
    container.startupProbe,
    container.lifecycle?.postStart,
    container.lifecycle?.preStop
  ]
  const found = {
    privileged: context.privileged,
    allowPrivilegeEscalation: context.allowPrivilegeEscalation !== false,
    'capabilities.drop': !drop.includes('ALL'),
    'capabilities.add': add.some(capability => capability !== 'NET_BIND_SERVICE'),
    runAsNonRoot: !(context.runAsNonRoot ?? pod.runAsNonRoot),
    seccompProfile: !SECCOMP.includes((context.seccompProfile ?? pod.seccompProfile)?.type ?? ''),
    procMount: ![undefined, 'Default'].includes(context.procMount),
    hostPort: ports.some(({ hostPort }) => hostPort),
    'probe host': handlers.some(handler => handler?.httpGet?.host || handler?.tcpSocket?.host)
  }
  return [
    ...Object.entries(found)
      .filter(([, isWrong]) => isWrong)
      .map(([what]) => `${name}: ${what}`),
    ...common(context, name)
  ]
}

/** Violations that pods and containers have in common. */
function common (context: SecurityContext, where: string): string[] {
  const { type, user, role } = context.seLinuxOptions ?? {}
  const found = {
    runAsUser: context.runAsUser === 0,
    'runAsNonRoot: false': context.runAsNonRoot === false,
    'seccompProfile.type':
      context.seccompProfile && !SECCOMP.includes(context.seccompProfile.type ?? ''),
    seLinuxOptions: !SELINUX.includes(type) || user || role,
    appArmorProfile: context.appArmorProfile?.type === 'Unconfined',
    'windowsOptions.hostProcess': context.windowsOptions?.hostProcess
  }
  return Object.entries(found).filter(([, isWrong]) => isWrong).map(([what]) => `${where}: ${what}`)
}

/** The pod of an object: itself, or its pod template. */
export function podOf ({ kind, spec }: KubeObject): PodSpec | undefined {
  return kind === 'Pod'
    ? spec
    : kind === 'CronJob'
      ? spec.jobTemplate.spec.template.spec
      : spec?.template?.spec
}
