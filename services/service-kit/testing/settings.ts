import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { ConfigError, loadConfig, type Settings } from '../src/config.ts'
import { temporaryFolder } from './index.ts'

/** The contract of one setting. */
export interface SettingContract {
  /** Undefined for an optional setting. */
  defaultValue?: string | number
  /** Valid values, including the bounds. */
  valid: Array<string | number>
  /** Invalid values, including those next to the bounds. */
  invalid: string[]
  /** Never shown, and supported as NAME_FILE. */
  isSecret?: boolean
}

const A_TOKEN = '0123456789abcdef'
const count = (defaultValue: number, least = 1): SettingContract =>
  ({ defaultValue, valid: [least, 1_000_000], invalid: [`${least - 1}`, `${least}.5`, 'many'] })

/** A port; 0 picks a free one. */
export const port = (defaultValue: number): SettingContract =>
  ({ defaultValue, valid: [0, 65535], invalid: ['-1', '65536', '80.5', 'http'] })
/** A bearer token. */
export const token: SettingContract = {
  valid: [A_TOKEN],
  invalid: [A_TOKEN.slice(1)],
  isSecret: true
}

/** The settings of both services; only the default ports differ. */
export const SERVICE_SETTINGS: Record<string, SettingContract> = {
  HOST: { defaultValue: 'localhost', valid: ['::', '127.0.0.1'], invalid: [] },
  LOG_LEVEL: {
    defaultValue: 'info',
    valid: ['trace', 'debug', 'info', 'warn', 'error', 'fatal'],
    invalid: ['silent', 'INFO']
  },
  TRUST_PROXY: {
    defaultValue: '',
    valid: ['loopback', 'linklocal', 'uniquelocal', '10.0.0.0/32', '::1/128', '10.0.0.1, fd00::/8'],
    invalid: ['1', 'true', '10.0.0.0/33', '::1/129', 'example.org']
  },
  TRUST_PROXY_HOPS: { defaultValue: 1, valid: [1, 10], invalid: ['0', '11'] },
  RATE_LIMIT_POSTS: count(100),
  MAX_CONNECTIONS: count(5000),
  MAX_READS_IN_FLIGHT: count(1000),
  MAX_POSTS_IN_FLIGHT: count(200),
  MAX_BODY_BYTES_BUFFERED: count(8_388_608, 65_536),
  MAX_BODY_BYTES_PER_CLIENT: count(4_194_304, 65_536),
  MAX_EVENT_LOOP_DELAY_MS: count(1000, 0),
  SHUTDOWN_DELAY_MS: { defaultValue: 5000, valid: [0, 60_000], invalid: ['-1', '60001', 'soon'] },
  FAULTS_TOKEN: token,
  VERSION: { defaultValue: 'dev', valid: ['1.2.3'], invalid: [] },
  REVISION: { defaultValue: 'unknown', valid: ['abc'], invalid: [] }
}

/** A file with this text; removed after the test. */
export function fileWith (text: string): string {
  const file = join(temporaryFolder(), 'setting')
  writeFileSync(file, text)
  return file
}

/** Tests settings against their contracts: default, bounds, secrecy. */
export function settingsContract (
  settings: Settings, contracts: Record<string, SettingContract>
): void {
  test('there are exactly these settings, with these defaults', () => {
    expect(Object.keys(settings).sort()).toEqual(Object.keys(contracts).sort())
    const defaults = Object.entries(contracts)
      .filter(([, { defaultValue }]) => defaultValue !== undefined)
      .map(([name, { defaultValue }]) => [name, defaultValue])
    expect(loadConfig(settings, {})).toEqual(Object.fromEntries(defaults))
  })

  describe.each(Object.entries(contracts))(
    '%s',
    (name, { defaultValue, valid, invalid, isSecret = false }) => {
      test.each(valid)('accepts %s', value => {
        expect(loadConfig(settings, { [name]: `${value}` })).toMatchObject({ [name]: value })
      })

      if (invalid.length > 0) {
        test.each(invalid)(`rejects %s${isSecret ? ', without showing it' : ''}`, value => {
          const load = () => loadConfig(settings, { [name]: value })
          expect(load).toThrow(ConfigError)
          const shown = isSecret ? '(secret)' : `"${value}"`
          expect(load).toThrow(`${name}=${shown} must `)
          if (isSecret) expect(load).not.toThrow(value)
        })
      }

      test(`${isSecret ? 'may' : 'may not'} come from a file`, () => {
        const config = loadConfig(settings, {
          [`${name}_FILE`]: fileWith(`${valid[0]}\n`)
        }) as Record<string, unknown>
        expect(config[name]).toBe(isSecret ? valid[0] : defaultValue)
      })
    }
  )
}
