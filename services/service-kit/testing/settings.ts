import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { ConfigError, loadConfig, type Settings } from '../src/config.ts'
import { temporaryFolder } from './index.ts'

/** The contract of one setting. */
export interface SettingPromise {
  /** Undefined for an optional setting. */
  byDefault?: string | number
  /** Valid values, including the bounds. */
  takes: Array<string | number>
  /** Invalid values, including those next to the bounds. */
  refuses: string[]
  /** Never shown, and supported as NAME_FILE. */
  isSecret?: boolean
}

const A_TOKEN = '0123456789abcdef'
const count = (byDefault: number, least = 1): SettingPromise =>
  ({ byDefault, takes: [least, 1_000_000], refuses: [`${least - 1}`, `${least}.5`, 'many'] })

/** A port; 0 picks a free one. */
export const port = (byDefault: number): SettingPromise =>
  ({ byDefault, takes: [0, 65535], refuses: ['-1', '65536', '80.5', 'http'] })
/** A bearer token. */
export const token: SettingPromise = {
  takes: [A_TOKEN],
  refuses: [A_TOKEN.slice(1)],
  isSecret: true
}

/** The settings of both services; only the default ports differ. */
export const SERVICE_SETTINGS: Record<string, SettingPromise> = {
  HOST: { byDefault: 'localhost', takes: ['::', '127.0.0.1'], refuses: [] },
  LOG_LEVEL: {
    byDefault: 'info',
    takes: ['trace', 'debug', 'info', 'warn', 'error', 'fatal'],
    refuses: ['silent', 'INFO']
  },
  TRUST_PROXY: {
    byDefault: '',
    takes: [
      'loopback',
      'linklocal',
      'uniquelocal',
      '10.0.0.0/32',
      '::1/128',
      '10.0.0.1, fd00::/8'
    ],
    refuses: ['1', 'true', '10.0.0.0/33', '::1/129', 'example.org']
  },
  TRUST_PROXY_HOPS: { byDefault: 1, takes: [1, 10], refuses: ['0', '11'] },
  RATE_LIMIT_POSTS: count(100),
  MAX_CONNECTIONS: count(5000),
  MAX_READS_IN_FLIGHT: count(1000),
  MAX_POSTS_IN_FLIGHT: count(200),
  MAX_BODY_BYTES_BUFFERED: count(8_388_608, 65_536),
  MAX_BODY_BYTES_PER_CLIENT: count(4_194_304, 65_536),
  MAX_EVENT_LOOP_DELAY_MS: count(1000, 0),
  SHUTDOWN_DELAY_MS: { byDefault: 5000, takes: [0, 60_000], refuses: ['-1', '60001', 'soon'] },
  FAULTS_TOKEN: token,
  VERSION: { byDefault: 'dev', takes: ['1.2.3'], refuses: [] },
  REVISION: { byDefault: 'unknown', takes: ['abc'], refuses: [] }
}

/** A file with this text; removed after the test. */
export function fileWith (text: string): string {
  const file = join(temporaryFolder(), 'setting')
  writeFileSync(file, text)
  return file
}

/** Tests settings against their contracts: default, bounds, secrecy. */
export function settingsContract (
  settings: Settings, promises: Record<string, SettingPromise>
): void {
  test('there are exactly these settings, with these defaults', () => {
    expect(Object.keys(settings).sort()).toEqual(Object.keys(promises).sort())
    const defaults = Object.entries(promises).filter(([, { byDefault }]) => byDefault !== undefined)
      .map(([name, { byDefault }]) => [name, byDefault])
    expect(loadConfig(settings, {})).toEqual(Object.fromEntries(defaults))
  })

  describe.each(Object.entries(promises))(
    '%s',
    (name, { byDefault, takes, refuses, isSecret = false }) => {
      test.each(takes)('takes %s', value => {
        expect(loadConfig(settings, { [name]: `${value}` })).toMatchObject({ [name]: value })
      })

      if (refuses.length > 0) {
        test.each(refuses)(`refuses %s${isSecret ? ', without showing it' : ''}`, value => {
          const load = () => loadConfig(settings, { [name]: value })
          expect(load).toThrow(ConfigError)
          const shown = isSecret ? '(secret)' : `"${value}"`
          expect(load).toThrow(`${name}=${shown} must `)
          if (isSecret) expect(load).not.toThrow(value)
        })
      }

      test(`${isSecret ? 'may' : 'may not'} come from a file`, () => {
        const config = loadConfig(settings, {
          [`${name}_FILE`]: fileWith(`${takes[0]}\n`)
        }) as Record<string, unknown>
        expect(config[name]).toBe(isSecret ? takes[0] : byDefault)
      })
    }
  )
}
