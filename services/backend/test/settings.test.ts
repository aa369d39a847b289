import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from '@jest/globals'
import { loadConfig } from '@guestbook/service-kit'
import { ConfigError } from '@guestbook/service-kit/config'
import {
  fileWith, port, SERVICE_SETTINGS, settingsContract, token
} from '@guestbook/service-kit/testing/settings'
import { ConfigSchema } from '../src/config.ts'
import { temporaryFolder } from './helper.ts'

const SERVER = fileURLToPath(new URL('../src/server.ts', import.meta.url))
const SECRET = 'hunter2-hunter2-hunter2'

const wrong = {
  PORT: '70000',
  MANAGEMENT_PORT: 'metrics',
  LOG_LEVEL: 'loud',
  TRUST_PROXY: 'everyone',
  TRUST_PROXY_HOPS: '0',
  RATE_LIMIT_POSTS: '0',
  MAX_CONNECTIONS: '0',
  MAX_READS_IN_FLIGHT: '-1',
  MAX_POSTS_IN_FLIGHT: 'many',
  MAX_BODY_BYTES_BUFFERED: '65535',
  MAX_BODY_BYTES_PER_CLIENT: '24 MiB',
  SHUTDOWN_DELAY_MS: '-1',
  FAULTS_TOKEN: 'short',
  MODERATOR_TOKEN: 'brief',
  MONGODB_URI: `postgres://guestbook:${SECRET}@db/guestbook`
}

function problemsOf (env: Record<string, string>): string[] {
  try {
    loadConfig(ConfigSchema, env)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems
    throw error
  }
  return []
}

/** Starts the service as an operator would, and waits for its end. */
function startAndFail (env: Record<string, string>) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [SERVER], {
    env: { PORT: '0', MANAGEMENT_PORT: '0', ...env },
    encoding: 'utf8',
    timeout: 20_000
  })
  return { status, stdout, stderr }
}

settingsContract(ConfigSchema, {
  ...SERVICE_SETTINGS,
  PORT: port(3001),
  MANAGEMENT_PORT: port(9301),
  DATA_DIR: { defaultValue: '.data', valid: ['/var/lib/guestbook'], invalid: [] },
  MONGODB_URI: {
    valid: ['mongodb://db/guestbook', 'mongodb+srv://db.example/guestbook'],
    invalid: [`mysql://someone:${SECRET}@db/guestbook`, `mongodb+x://${SECRET}`],
    isSecret: true
  },
  MODERATOR_TOKEN: token
})

test('an empty value counts as unset', () => {
  const empty = Object.fromEntries(Object.keys(wrong).map(name => [name, '']))
  expect(loadConfig(ConfigSchema, empty)).toEqual(loadConfig(ConfigSchema, {}))
})

describe('wrong settings', () => {
  test('are all listed, each with its name and what is valid', () => {
    const problems = problemsOf(wrong)
    expect(problems.map(problem => problem.split('=')[0]).sort()).toEqual(Object.keys(wrong).sort())
    expect(problems).toContain(
      'PORT="70000" must be <= 65535. Port of the public API. 0 picks a free port.'
    )
    expect(problems).toContainEqual(
      expect.stringMatching(
        /^LOG_LEVEL="loud" must be one of trace, debug, info, warn, error, fatal\. /
      )
    )
  })

  test.each(Object.entries(wrong))('%s=%s is rejected', (name, value) => {
    expect(problemsOf({ [name]: value })).toEqual([expect.stringMatching(`^${name}=`)])
  })

  test('never show secrets', () => {
    const problems = problemsOf(wrong)
    for (const name of ['FAULTS_TOKEN', 'MODERATOR_TOKEN', 'MONGODB_URI']) {
      expect(problems).toContainEqual(expect.stringMatching(`^${name}=\\(secret\\) must `))
    }
    expect(problems.join()).not.toMatch(/short|brief|postgres|hunter2/)
  })

  test('end the process with status 1 and a list, without a stack trace', () => {
    const { status, stdout, stderr } = startAndFail(wrong)
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toBe(
      `Invalid configuration:\n${problemsOf(wrong).map(problem => `  - ${problem}\n`).join('')}`
    )
  })
})

describe('a secret from a file', () => {
  test('is read without its trailing newline', () => {
    const uri = `mongodb://guestbook:${SECRET}@db/guestbook`
    expect(
      loadConfig(ConfigSchema, {
        MODERATOR_TOKEN_FILE: fileWith(`${SECRET}\n`),
        MONGODB_URI_FILE: fileWith(uri)
      })
    ).toMatchObject({ MODERATOR_TOKEN: SECRET, MONGODB_URI: uri })
  })

  test('is validated like one from the environment, without being shown', () => {
    expect(problemsOf({ MODERATOR_TOKEN_FILE: fileWith('hunter2') })).toEqual([
      expect.stringMatching(/^MODERATOR_TOKEN=\(secret\) must NOT have fewer than 16 characters\. /)
    ])
  })

  test('must be readable', () => {
    const missing = join(temporaryFolder(), 'missing')
    expect(problemsOf({ MODERATOR_TOKEN_FILE: missing })).toEqual([
      `MODERATOR_TOKEN_FILE=${missing} cannot be read (ENOENT)`
    ])
  })

  test('must not contradict the environment', () => {
    expect(problemsOf({ MODERATOR_TOKEN: SECRET, MODERATOR_TOKEN_FILE: fileWith(SECRET) }))
      .toEqual(['MODERATOR_TOKEN and MODERATOR_TOKEN_FILE are both set: set one'])
  })

  test('is supported for secrets only', () => {
    expect(loadConfig(ConfigSchema, { DATA_DIR_FILE: fileWith('/elsewhere') })).toMatchObject({
      DATA_DIR: '.data'
    })
  })
})

test.each([
  `mongodb://guestbook:${SECRET}@/guestbook`,
  `mongodb://guestbook:${SECRET}/x@db/guestbook`,
  `mongodb://guestbook:${SECRET}@db:port/guestbook`,
  `mongodb://guestbook:${SECRET}@db/guestbook?colour=blue`
])('a connection string that the driver rejects is reported without its value: %s', uri => {
  const folder = temporaryFolder()
  const { status, stdout, stderr } = startAndFail({ MONGODB_URI: uri, DATA_DIR: folder })
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  expect(stderr).toMatch(
    /^Invalid configuration:\n {2}- MONGODB_URI=\(secret\) is rejected by the driver: .+\n$/
  )
  expect(stderr).not.toContain('hunter2')
  expect(readdirSync(folder)).toEqual([])
})
