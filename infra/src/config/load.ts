/** Reads environments/NAME.yaml and the untracked local.yaml into a validated configuration. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Ajv, type ErrorObject } from 'ajv'
import { parse } from 'yaml'
import { crossFieldErrors } from './cross-field-errors.ts'
import { Settings, type Config } from './schema.ts'

const folder = fileURLToPath(new URL('../../environments/', import.meta.url))
export const environments = globSync('*.yaml', { cwd: folder })
  .map(file => file.replace('.yaml', ''))
  .sort()

/** Variants that apply when neither the environment nor local.yaml names one. */
const DEFAULT_VARIANTS = {
  target: { type: 'kind' },
  mongodb: { mode: 'replicaSet' },
  delivery: { mode: 'helm' }
}

/** All errors of a configuration. */
export class ConfigError extends Error {
  constructor (problems: readonly string[]) {
    super(`Invalid configuration:\n${problems.map(problem => `  - ${problem}`).join('\n')}`)
    this.name = 'ConfigError'
  }
}

/**
 * The configuration of an environment.
 * @param name one of `environments`
 * @param overrides settings that take precedence, such as those of local.yaml
 * @throws ConfigError with every invalid setting, its value and what it must be
 */
export function loadConfig (name: string, overrides: unknown = {}): Config {
  if (!environments.includes(name)) {
    throw new ConfigError([`ENVIRONMENT is "${name}", it can be ${environments.join(', ')}`])
  }
  const environment = readOverrides(`${folder}${name}.yaml`, true)
  const settings = structuredClone(merge(merge(DEFAULT_VARIANTS, environment), overrides))
  if (!validate(settings)) throw new ConfigError(validate.errors!.map(describe))
  const config = { ...settings, environment: name }
  const problems = crossFieldErrors(config)
  if (problems.length > 0) throw new ConfigError(problems)
  return config
}

const validate = new Ajv({
  allErrors: true,
  allowUnionTypes: true,
  discriminator: true,
  formats: { url: URL.canParse },
  keywords: ['expected'],
  useDefaults: true,
  verbose: true
}).compile<Omit<Config, 'environment'>>(Settings)

/** The setting, its value, and what it must be. */
function describe ({ keyword, instancePath, params, data, parentSchema, message }: ErrorObject) {
  const path = instancePath.slice(1).split('/').filter(Boolean)
  const below = (key: string) => [...path, key].join('.')
  switch (keyword) {
    case 'additionalProperties':
      return `${below(params.additionalProperty)} is not a setting; ` +
        'see docs/reference/deployment-settings.md'
    case 'required':
      return `${below(params.missingProperty)} is missing: ` +
        parentSchema!.properties[params.missingProperty].description
    case 'discriminator': {
      const choices = parentSchema!.oneOf.map((one: typeof parentSchema) =>
        one!.properties[params.tag].const)
      return `${below(params.tag)} is ${JSON.stringify(params.tagValue)}: ` +
        `it can be ${choices.join(', ')}`
    }
  }
  const reason = parentSchema!.expected ??
    (params.allowedValues ? `must be one of ${params.allowedValues.join(', ')}` : message)
  return `${path.join('.') || 'the configuration'} is ${JSON.stringify(data)}: ${reason}`
}

/**
 * Reads the overrides from a YAML file, if there is one.
 * @throws ConfigError when it is not YAML, or was named and is missing
 */
export function readOverrides (path: string, required: boolean): unknown {
  if (!existsSync(path)) {
    if (required) {
      throw new ConfigError([`GUESTBOOK_CONFIG is "${path}", but there is no such file`])
    }
    return {}
  }
  try {
    return parse(readFileSync(path, 'utf8')) ?? {}
  } catch (error) {
    throw new ConfigError([`${path} is not YAML: ${(error as Error).message.split('\n')[0]}`])
  }
}

/** Replaces a leading ~ of a path. */
export const expandHome = (path: string) => path.replace(/^~(?=\/|$)/, homedir())

/** Merges objects key by key. With another `type` or `mode`, `above` replaces `below`. */
function merge (below: unknown, above: unknown): unknown {
  if (!isObject(below) || !isObject(above)) return above === undefined ? below : above
  for (const kind of ['type', 'mode']) {
    if (kind in above && kind in below && above[kind] !== below[kind]) return above
  }
  const merged = { ...below }
  for (const [key, value] of Object.entries(above)) merged[key] = merge(below[key], value)
  return merged
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
