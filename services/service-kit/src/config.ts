import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { Ajv, type ErrorObject } from 'ajv'
import { isOriginList } from './origin.ts'

/** One setting: a flat JSON schema with the meaning in words. `secret` values are never shown and may come from a file. */
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
}
/** Settings by the name of their environment variable. One without a default is optional. */
export type Settings = Readonly<Record<string, Setting>>

type ValueOf<S> = S extends { enum: ReadonlyArray<infer Choice> }
  ? Choice
  : S extends { type: 'integer' }
    ? number
    : string
type NamesOf<S extends Settings, Defaulted> = {
  [Name in keyof S]: S[Name] extends { default: unknown }
    ? Defaulted extends true
      ? Name
      : never
    : Defaulted extends true
      ? never
      : Name
}[keyof S]
/** What `loadConfig` returns for these settings. */
export type ConfigOf<S extends Settings> = {
  readonly [Name in NamesOf<S, true>]: ValueOf<S[Name]>
} & {
  readonly [Name in NamesOf<S, false>]?: ValueOf<S[Name]>
}

/** Settings every service has; each service spreads them into its own and adds what it needs. */
export const ServiceSettings = {
  HOST: {
    type: 'string',
    default: 'localhost',
    description:
      'Address that both servers listen on. localhost is both loopback addresses, 127.0.0.1 and ::1; :: is every address, also of IPv4, and 0.0.0.0 where the system has no IPv6.'
  },
  MANAGEMENT_PORT: {
    type: 'integer',
    minimum: 0,
    maximum: 65535,
    default: 9300,
    description:
      'Port of metrics, probes and faults; never to be exposed to visitors. 0 takes a free one.'
  },
  LOG_LEVEL: {
    type: 'string',
    enum: ['trace', 'debug', 'info', 'warn', 'error', 'fatal'],
    default: 'info',
    description: 'Least severe level that is written.'
  },
  TRUST_PROXY: {
    type: 'string',
    format: 'proxies',
    default: '',
    description:
      'Proxies whose X-Forwarded-* headers are believed: addresses, CIDRs and the names loopback, linklocal, uniquelocal, separated by commas. Empty believes none.'
  },
  TRUST_PROXY_HOPS: {
    type: 'integer',
    minimum: 1,
    maximum: 10,
    default: 1,
    description:
      "Proxies of TRUST_PROXY that a request passes one after the other. So many entries of X-Forwarded-For are believed, counted from its end; those before are the visitor's own."
  },
  RATE_LIMIT_POSTS: {
    type: 'integer',
    minimum: 1,
    default: 100,
    description: 'Posts a client (IPv4 address or IPv6 /64) may send in a minute, per replica.'
  },
  MAX_CONNECTIONS: {
    type: 'integer',
    minimum: 1,
    default: 5000,
    description:
      'Connections to the public port that may be open at once, per replica. When there are so many, idle ones are closed to make room.'
  },
  MAX_READS_IN_FLIGHT: {
    type: 'integer',
    minimum: 1,
    default: 1000,
    description:
      'Reading requests that may wait for their answer at once, per replica; more are turned away with 503. Slow clients and idle connections do not count.'
  },
  MAX_POSTS_IN_FLIGHT: {
    type: 'integer',
    minimum: 1,
    default: 200,
    description: 'The same for posts.'
  },
  MAX_BODY_BYTES_BUFFERED: {
    type: 'integer',
    minimum: 65536,
    default: 8 * 1024 * 1024,
    description:
      'Bytes of request bodies that may be in memory at once, per replica. Beyond, the client that holds most loses its oldest unfinished request (503).'
  },
  MAX_BODY_BYTES_PER_CLIENT: {
    type: 'integer',
    minimum: 65536,
    default: 4 * 1024 * 1024,
    description:
      'The part of it that one client (IPv4 address or IPv6 /64) may hold. Beyond, its oldest unfinished request is refused with 429.'
  },
  MAX_EVENT_LOOP_DELAY_MS: {
    type: 'integer',
    minimum: 0,
    default: 1000,
    description:
      'Milliseconds of event-loop delay beyond which requests are turned away with 503, so that those inside are still answered in time. 0 turns nobody away.'
  },
  SHUTDOWN_DELAY_MS: {
    type: 'integer',
    minimum: 0,
    maximum: 60_000,
    default: 5000,
    description:
      'Milliseconds between SIGTERM and closing, in which load balancers notice that the service is unready. SIGINT skips it.'
  },
  FAULTS_TOKEN: {
    type: 'string',
    minLength: 16,
    secret: true,
    description:
      'Bearer token of the fault switch on the management port. Without it the switch is off.'
  },
  VERSION: { type: 'string', default: 'dev', description: 'Version shown in build information.' },
  REVISION: {
    type: 'string',
    default: 'unknown',
    description: 'Source revision shown in build information.'
  }
} as const satisfies Settings

export type ServiceConfig = ConfigOf<typeof ServiceSettings>

/** Every problem of the settings at once, so that nobody has to start a process five times to find five mistakes. */
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
 * A setting marked `secret` may also be given as a file: NAME_FILE=/run/secrets/name.
 * @throws ConfigError naming every setting that is wrong.
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

function isProxyList (text: string): boolean {
  return text === '' || text.split(',').map(entry => entry.trim()).every(entry => {
    if (['loopback', 'linklocal', 'uniquelocal'].includes(entry)) return true
    const [address = '', prefix] = entry.split('/')
    const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
    return (
      bits > 0 && (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits))
    )
  })
}

const FORMAT_REASONS: Record<string, string> = {
  origins: 'must be a list of origins such as https://guestbook.example, without a path',
  proxies:
    'must be a list of proxies (by a number of hops, whoever reaches the service directly could forge them)',
  url: 'must be a URL'
}

function describe (error: ErrorObject, settings: Settings, env: NodeJS.ProcessEnv): string {
  const name = error.instancePath.slice(1)
  const setting = settings[name]
  const allowed = error.params.allowedValues as string[] | undefined
  const reason = allowed
    ? `must be one of ${allowed.join(', ')}`
    : (FORMAT_REASONS[String(error.params.format)] ?? error.message)
  return `${name}=${setting?.secret ? '(secret)' : `"${env[name]}"`} ${reason}. ${setting?.description}`
}
