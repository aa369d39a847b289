import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { Ajv, type ErrorObject } from 'ajv'
import { Type, type Static, type TObject } from 'typebox'

/** Settings every service has; each service spreads them into its own schema and adds what it needs. */
export const ServiceSettings = {
  HOST: Type.String({ default: '127.0.0.1', description: 'Address both listeners bind to.' }),
  MANAGEMENT_PORT: Type.Integer({ minimum: 0, maximum: 65535, description: 'Port of metrics, probes and faults; never to be exposed to visitors. 0 takes a free one.' }),
  LOG_LEVEL: Type.Enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'], { default: 'info', description: 'Least severe level that is written.' }),
  TRUST_PROXY: Type.String({ default: '', format: 'proxies', description: 'Proxies whose X-Forwarded-* headers are believed: addresses, CIDRs and the names loopback, linklocal, uniquelocal, separated by commas. Empty believes none.' }),
  RATE_LIMIT_POSTS: Type.Integer({ minimum: 1, default: 100, description: 'Posts a client (IPv4 address or IPv6 /64) may send in a minute, per replica.' }),
  SHUTDOWN_DELAY_MS: Type.Integer({ minimum: 0, maximum: 60_000, default: 5000, description: 'Milliseconds between SIGTERM and closing, in which load balancers notice that the service is unready. SIGINT skips it.' }),
  FAULTS_TOKEN: Type.Optional(Type.String({ minLength: 16, secret: true, description: 'Bearer token of the fault switch on the management port. Without it the switch is off.' })),
  VERSION: Type.String({ default: 'dev', description: 'Version shown in build information.' }),
  REVISION: Type.String({ default: 'unknown', description: 'Source revision shown in build information.' })
}

export const ServiceConfigSchema = Type.Object(ServiceSettings)
export type ServiceConfig = Static<typeof ServiceConfigSchema>

/** Every problem of the settings at once, so that nobody has to start a process five times to find five mistakes. */
export class ConfigError extends Error {
  readonly problems: string[]

  constructor (problems: string[]) {
    super(`Wrong settings:\n${problems.map(problem => `  - ${problem}`).join('\n')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/**
 * Reads the settings named in `schema` from `env`. An empty value counts as unset.
 * A setting marked `secret` may also be given as a file: NAME_FILE=/run/secrets/name.
 * @throws ConfigError naming every setting that is wrong or missing.
 */
export function loadConfig<S extends TObject> (schema: S, env: NodeJS.ProcessEnv): Static<S> {
  const config: Record<string, unknown> = {}
  const problems: string[] = []
  for (const [name, setting] of Object.entries(schema.properties)) {
    const isSecret = 'secret' in setting
    const file = isSecret ? env[`${name}_FILE`] : undefined
    if (file && env[name]) problems.push(`${name} and ${name}_FILE are both set: set one`)
    else if (file) {
      try {
        config[name] = readFileSync(file, 'utf8').trim()
      } catch (error) {
        problems.push(`${name}_FILE=${file} cannot be read (${(error as NodeJS.ErrnoException).code})`)
      }
    } else if (env[name]) config[name] = env[name]
  }
  const ajv = new Ajv({ allErrors: true, coerceTypes: true, useDefaults: true, strict: false, formats: { proxies: isProxyList, url: URL.canParse } })
  if (!ajv.validate(schema, config)) {
    problems.push(...(ajv.errors ?? []).map(error => describe(error, schema, env)))
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return config as Static<S>
}

function isProxyList (text: string): boolean {
  return text === '' || text.split(',').map(entry => entry.trim()).every(entry => {
    if (['loopback', 'linklocal', 'uniquelocal'].includes(entry)) return true
    const [address = '', prefix] = entry.split('/')
    const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
    return bits > 0 && (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits))
  })
}

function describe (error: ErrorObject, schema: TObject, env: NodeJS.ProcessEnv): string {
  const name = error.instancePath.slice(1) || String(error.params.missingProperty)
  const setting = schema.properties[name] as { description?: string, secret?: boolean } | undefined
  if (error.keyword === 'required') return `${name} is missing. ${setting?.description}`
  const allowed = error.params.allowedValues as string[] | undefined
  const reason = allowed ? `must be one of ${allowed.join(', ')}` : error.message
  const shown = setting?.secret ? '(secret)' : `"${env[name]}"`
  return `${name}=${shown} ${reason}. ${setting?.description}`
}
