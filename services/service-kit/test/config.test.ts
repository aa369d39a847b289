import { describe, expect, test } from '@jest/globals'
import { ConfigError, loadConfig, ServiceSettings, type Settings } from '../src/config.ts'
import { fileWith } from '../testing/settings.ts'

const TOKEN = 'a-token-of-sixteen-or-more'

/** A secret with a pattern. */
const StoreSettings = {
  URI: {
    type: 'string',
    secret: true,
    pattern: '^mongodb://',
    description: 'Where the database is.'
  }
} as const satisfies Settings

function problemsOf (env: NodeJS.ProcessEnv, settings: Settings = ServiceSettings): string[] {
  try {
    loadConfig(settings, env)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

describe('plain settings', () => {
  test('unset settings have their default, and other variables are ignored', () => {
    const config = loadConfig(ServiceSettings, { MANAGEMENT_PORT: '9999', PATH: '/usr/bin' })
    expect(config).toMatchObject({ HOST: 'localhost', MANAGEMENT_PORT: 9999, VERSION: 'dev' })
    expect(config).not.toHaveProperty('PATH')
  })

  test('an empty or blank value counts as unset', () => {
    expect(
      loadConfig(ServiceSettings, {
        LOG_LEVEL: '',
        MANAGEMENT_PORT: ' ',
        FAULTS_TOKEN: '',
        FAULTS_TOKEN_FILE: ''
      })
    ).toEqual(loadConfig(ServiceSettings, {}))
  })

  test('all invalid values are listed, with name, value and allowed values', () => {
    expect(
      problemsOf({
        LOG_LEVEL: 'loud',
        MANAGEMENT_PORT: '99999',
        RATE_LIMIT_POSTS: '0',
        SHUTDOWN_DELAY_MS: 'soon'
      }).sort()
    ).toEqual([
      'LOG_LEVEL="loud" must be one of trace, debug, info, warn, error, fatal. ' +
        ServiceSettings.LOG_LEVEL.description,
      `MANAGEMENT_PORT="99999" must be <= 65535. ${ServiceSettings.MANAGEMENT_PORT.description}`,
      `RATE_LIMIT_POSTS="0" must be >= 1. ${ServiceSettings.RATE_LIMIT_POSTS.description}`,
      `SHUTDOWN_DELAY_MS="soon" must be integer. ${ServiceSettings.SHUTDOWN_DELAY_MS.description}`
    ])
  })

  test('a setting without a default may stay unset', () => {
    expect(loadConfig(StoreSettings, {})).toEqual({})
  })

  test('the error message is a list', () => {
    expect(new ConfigError(['A is missing.', 'B is wrong.']).message).toBe(
      'Invalid configuration:\n  - A is missing.\n  - B is wrong.'
    )
  })

  test('a fraction is rejected', () => {
    for (const port of ['80.5', '80a', 'true', '-1']) {
      expect(problemsOf({ MANAGEMENT_PORT: port })).toHaveLength(1)
    }
  })
})

describe('secrets', () => {
  test('come from the variable or from a file, without its trailing newline', () => {
    for (const env of [{ FAULTS_TOKEN: TOKEN }, { FAULTS_TOKEN_FILE: fileWith(`${TOKEN}\n`) }]) {
      expect(loadConfig(ServiceSettings, env)).toMatchObject({ FAULTS_TOKEN: TOKEN })
    }
  })

  test('are rejected if set in both ways', () => {
    expect(problemsOf({ FAULTS_TOKEN: TOKEN, FAULTS_TOKEN_FILE: fileWith(TOKEN) })).toEqual([
      'FAULTS_TOKEN and FAULTS_TOKEN_FILE are both set: set one'
    ])
  })

  test('in an unreadable file are reported with file and reason, beside other problems', () => {
    expect(problemsOf({ FAULTS_TOKEN_FILE: '/nowhere/secret', RATE_LIMIT_POSTS: '0' })).toEqual([
      'FAULTS_TOKEN_FILE=/nowhere/secret cannot be read (ENOENT)',
      `RATE_LIMIT_POSTS="0" must be >= 1. ${ServiceSettings.RATE_LIMIT_POSTS.description}`
    ])
  })

  test('are never printed', () => {
    expect(problemsOf({ FAULTS_TOKEN: 'too-short' })).toEqual([
      'FAULTS_TOKEN=(secret) must NOT have fewer than 16 characters. ' +
        ServiceSettings.FAULTS_TOKEN.description
    ])
    for (const env of [
      { URI: 'postgres://user:password@host' },
      { URI_FILE: fileWith('postgres://user:password@host') }
    ]) {
      expect(problemsOf(env, StoreSettings)).toEqual([
        'URI=(secret) must match pattern "^mongodb://". Where the database is.'
      ])
    }
  })

  test('only secret settings are read from a file', () => {
    const config = loadConfig(ServiceSettings, { VERSION_FILE: fileWith('1.0') })
    expect(config).toMatchObject({ VERSION: 'dev' })
  })
})
