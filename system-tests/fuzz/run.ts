/** `make fuzz`: does the API keep to its description, whatever it is sent? `make fuzz ARGS=--help` tells more. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { command, progressOf } from '../lib/command.ts'
import { freePort } from '../lib/free-port.ts'
import { ServerProcess } from '../lib/server-process.ts'
import { Stage } from '../bench/stage.ts'
import { installSchemathesis } from './install.ts'
import { HELP, parseOptions, USAGE, type Options } from './options.ts'
import { postHostileTexts } from './texts.ts'

const MODERATOR_TOKEN = 'moderator-of-the-fuzzing'
const CONFIG = fileURLToPath(new URL('./schemathesis.toml', import.meta.url))
const SERVICE = fileURLToPath(new URL('../../services/backend/src/server.ts', import.meta.url))

const say = progressOf('fuzz')

async function fuzz ({ seconds, maxExamples, seed }: Options): Promise<boolean> {
  const schemathesis = installSchemathesis(say)
  const stage = new Stage('fuzz')
  const { folder } = stage
  const [port, management] = [await freePort(), await freePort()]
  const log = join(folder, 'backend.log')
  const backend = new ServerProcess({
    command: process.execPath,
    args: [SERVICE],
    env: {
      PORT: `${port}`,
      MANAGEMENT_PORT: `${management}`,
      DATA_DIR: folder,
      RATE_LIMIT_POSTS: '1000000000',
      LOG_LEVEL: 'error',
      SHUTDOWN_DELAY_MS: '0',
      MODERATOR_TOKEN
    },
    log,
    ready: `http://127.0.0.1:${management}/ready`
  })
  stage.add(backend)
  const problems: string[] = []
  try {
    await backend.start()
    for (const [who, more] of [
      ['a visitor', []],
      // The moderator hides what was just created, and it is then rightly not found.
      [
        'the moderator',
        [
          '--header',
          `Authorization: Bearer ${MODERATOR_TOKEN}`,
          '--exclude-checks',
          'ensure_resource_availability'
        ]
      ]
    ] as const) {
      say(`as ${who}, for ${seconds / 2} s`)
      const args = [
        '--config-file',
        CONFIG,
        '--no-color',
        'run',
        `http://127.0.0.1:${port}/openapi.json`,
        '--checks',
        'all',
        '--max-time',
        `${Math.floor(seconds / 2)}`,
        '--max-examples',
        `${maxExamples}`,
        '--warnings',
        'off',
        ...(seed === undefined ? [] : ['--seed', seed]),
        ...more
      ]
      // Its notes on what it found stay in the folder.
      const child = spawn(schemathesis, args, {
        cwd: folder,
        stdio: ['ignore', 'inherit', 'inherit']
      })
      const [status] = await once(child, 'exit')
      if (status !== 0) problems.push(`as ${who} schemathesis ended with ${status}`)
    }
    say(`texts that are dear to normalise, for ${seconds / 4} s`)
    const texts = await postHostileTexts(
      `http://127.0.0.1:${port}/api/v1/messages`,
      seconds / 4,
      seed === undefined ? undefined : Number(BigInt(seed) % 2n ** 31n)
    )
    say(`${texts.posts} texts, the slowest answered in ${texts.slowestMs.toFixed(0)} ms`)
    problems.push(...texts.problems)
    if (!backend.isRunning) problems.push('the backend has ended')
    const errors = readFileSync(log, 'utf8').trim()
    if (errors) problems.push(`the backend logged errors, the first: ${errors.split('\n', 1)[0]}`)
  } finally {
    await stage.clear()
  }
  for (const problem of problems) say(`PROBLEM: ${problem}`)
  if (problems.length === 0) say('no 5xx, no answer that is not as described')
  return problems.length === 0
}

await command({
  parse: () => parseOptions(process.argv.slice(2)),
  usage: USAGE,
  help: HELP,
  run: async options => ((await fuzz(options)) ? 0 : 1)
})
