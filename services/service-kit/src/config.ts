import { readFileSync } from 'node:fs'
import { Ajv, type ErrorObject } from 'ajv'
import type { FromSchema } from 'json-schema-to-ts'
import { isOriginList } from './origin.ts'
import { isProxyList } from './trust-proxy.ts'

/** A flat JSON schema. `secret` values are never logged and may come from a file. */
export interface Setting {
  readonly type: 'string' | 'integer'
  readonly description: string
  readonly default?: string | number
  readonly secret?: true
  readonly enum?: readonly string[]
  readonly format?: 'origins' | 'proxies' | 'url'
  readonly pattern?: string
  readonly minLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly chart?: ChartValue
}
/** Value of the service's Helm chart that sets a variable. `make charts` writes it to the chart. */
export interface ChartValue {
  /** Name of the value. That of a secret refers to a Kubernetes Secret. */
  readonly value: string
  /** @default the default of the setting */
  readonly default?: string
  /** Follows the description in values.yaml. */
  readonly note?: string
}
/** Settings by environment variable. A setting without a default is optional. */
export type Settings = Readonly<Record<string, Setting>>

/** What `loadConfig` returns for these settings. */
export type ConfigOf<S extends Settings> = Readonly<
  FromSchema<{ type: 'object', properties: S, additionalProperties: false }>
>

/** Settings of every service; each service spreads them into its own schema. */
export const ServiceSettings = {
  HOST: {
    type: 'string',
    default: 'localhost',
    description:
      'Address that both servers listen on. localhost means both loopback addresses, 127.0.0.1 ' +
      'and ::1. :: means every address, IPv4 included (0.0.0.0 if the system has no IPv6).'
  },
  MANAGEMENT_PORT: {
    type: 'integer',
    minimum: 0,
    maximum: 65535,
    default: 9300,
    description:
      'Port of metrics, probes and faults. Never expose it to visitors. 0 picks a free port.'
  },
  LOG_LEVEL: {
    type: 'string',
    enum: ['trace', 'debug', 'info', 'warn', 'error', 'fatal'],
    default: 'info',
    chart: { value: 'logLevel' },
    description: 'Lowest level that is logged.'
  },
  TRUST_PROXY: {
    type: 'string',
    format: 'proxies',
    default: '',
    chart: {
      value: 'trustProxy',
      default: 'uniquelocal,100.64.0.0/10',
      note:
        'The default covers the private networks of clusters. Name the proxies instead where ' +
        'clients connect directly from such a network, see docs/deploy/ingress.md.'
    },
    description:
      'Proxies whose X-Forwarded-* headers are trusted: addresses, CIDRs and the names loopback, ' +
      'linklocal, uniquelocal, separated by commas. Empty trusts none.'
  },
  TRUST_PROXY_HOPS: {
    type: 'integer',
    minimum: 1,
    maximum: 10,
    default: 1,
    chart: { value: 'trustProxyHops' },
    description:
      'Number of trusted proxies that a request passes. As many entries of X-Forwarded-For are ' +
      'trusted, counted from its end; a visitor may have forged the ones before.'
  },
  RATE_LIMIT_POSTS: {
    type: 'integer',
    minimum: 1,
    default: 100,
    chart: { value: 'rateLimitPosts' },
    description: 'Posts per minute and client (IPv4 address or IPv6 /64), per replica.'
  },
  MAX_CONNECTIONS: {
    type: 'integer',
    minimum: 1,
    default: 5000,
    chart: { value: 'maxConnections' },
    description:
      'Maximum open connections to the public port, per replica. At the limit, idle connections ' +
      'are closed to make room.'
  },
  MAX_READS_IN_FLIGHT: {
    type: 'integer',
    minimum: 1,
    default: 1000,
    chart: { value: 'maxReadsInFlight' },
    description:
      'Maximum reads in flight, per replica. Further reads are shed with 503. Slow clients and ' +
      'idle connections do not count.'
  },
  MAX_POSTS_IN_FLIGHT: {
    type: 'integer',
    minimum: 1,
    default: 200,
    chart: { value: 'maxPostsInFlight' },
    description: 'Maximum posts in flight, per replica. Further posts are shed with 503.'
  },
  MAX_BODY_BYTES_BUFFERED: {
    type: 'integer',
    minimum: 65536,
    default: 8 * 1024 * 1024,
    chart: {
      value: 'maxBodyBytesBuffered',
      note: 'Counts towards resources.limits.memory: 192Mi leave room for 8 MiB.'
    },
    description:
      'Maximum bytes of request bodies in memory, per replica. Beyond, the client that holds ' +
      'most loses its oldest unfinished request (503).'
  },
  MAX_BODY_BYTES_PER_CLIENT: {
    type: 'integer',
    minimum: 65536,
    default: 4 * 1024 * 1024,
    chart: { value: 'maxBodyBytesPerClient' },
    description:
      'Maximum bytes of request bodies in memory per client (IPv4 address or IPv6 /64). Beyond, ' +
      'its oldest unfinished request is rejected with 429.'
  },
  MAX_EVENT_LOOP_DELAY_MS: {
    type: 'integer',
    minimum: 0,
    default: 1000,
    chart: { value: 'maxEventLoopDelayMs' },
    description:
      'Event-loop delay in milliseconds beyond which requests are shed with 503, so that ' +
      'requests in flight still meet their deadlines. 0 disables it.'
  },
  SHUTDOWN_DELAY_MS: {
    type: 'integer',
    minimum: 0,
    maximum: 60_000,
    default: 5000,
    chart: { value: 'shutdownDelayMs' },
    description:
      'Milliseconds between SIGTERM and closing, for load balancers to notice that the service ' +
      'is unready. SIGINT skips it.'
  },
  FAULTS_TOKEN: {
    type: 'string',
    minLength: 16,
    secret: true,
    chart: { value: 'faultsToken' },
    description:
      'Bearer token of the fault endpoints on the management port. They are disabled without it.'
  },
  VERSION: { type: 'string', default: 'dev', description: 'Version shown in build information.' },
  REVISION: {
    type: 'string',
    default: 'unknown',
    description: 'Source revision shown in build information.'
  }
} as const satisfies Settings

export type ServiceConfig = ConfigOf<typeof ServiceSettings>

/** Reports all invalid settings at once. */
export class ConfigError extends Error {
  readonly problems: string[]

  constructor (problems: string[]) {
    super(`Invalid configuration:\n${problems.map(problem => `  - ${problem}`).join('\n')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/**
 * Reads `settings` from `env`. An empty value counts as unset.
 * A secret setting may also come from a file: NAME_FILE=/run/secrets/name.
 * @throws ConfigError with every invalid setting.
 */
export function loadConfig<S extends Settings> (settings: S, env: NodeJS.ProcessEnv): ConfigOf<S> {
  const config: Record<string, unknown> = {}
  const problems: string[] = []
  for (const [name, setting] of Object.entries(settings)) {
    const file = setting.secret ? env[`${name}_FILE`] : undefined
    const value = env[name]?.trim()
    if (file && value) problems.push(`${name} and ${name}_FILE are both set: set one`)
    else if (file) {
      try {
        config[name] = readFileSync(file, 'utf8').trim()
      } catch (error) {
        problems.push(
          `${name}_FILE=${file} cannot be read (${(error as NodeJS.ErrnoException).code})`
        )
      }
    } else if (value) config[name] = value
  }
  const ajv = new Ajv({
    allErrors: true,
    coerceTypes: true,
    useDefaults: true,
    strict: false,
    formats: { origins: isOriginList, proxies: isProxyList, url: URL.canParse }
  })
  if (!ajv.validate({ type: 'object', properties: settings }, config)) {
    problems.push(...(ajv.errors ?? []).map(error => describe(error, settings, env)))
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return config as ConfigOf<S>
}

const FORMAT_REASONS: Record<string, string> = {
  origins: 'must be a list of origins such as https://guestbook.example, without a path',
  proxies:
    'must be a list of proxies (with a hop count, any direct client could forge its address)',
  url: 'must be a URL'
}

function describe (error: ErrorObject, settings: Settings, env: NodeJS.ProcessEnv): string {
  const name = error.instancePath.slice(1)
  const setting = settings[name]
  const allowed = error.params.allowedValues as string[] | undefined
  const reason = allowed
    ? `must be one of ${allowed.join(', ')}`
    : (FORMAT_REASONS[String(error.params.format)] ?? error.message)
  const value = setting?.secret ? '(secret)' : `"${env[name]}"`
  return `${name}=${value} ${reason}. ${setting?.description}`
}
