/** `make fuzz`: fuzzes the API from its OpenAPI document. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { ApiClient } from '../lib/api-client.ts'
import { command, progressOf } from '../lib/command.ts'
import { ROOT } from '../lib/paths.ts'
import { createService } from '../lib/service.ts'
import { TestEnvironment } from '../lib/test-environment.ts'
import { installSchemathesis } from './install.ts'
import { HELP, parseOptions, USAGE, type Options } from './options.ts'
import { postHostileTexts } from './texts.ts'

const MODERATOR_TOKEN = 'moderator-of-the-fuzzing'
const CONFIG = `${ROOT}system-tests/fuzz/schemathesis.toml`
const CALLERS = [
  { name: 'a visitor', args: [] },
  {
    name: 'the moderator',
    args: [
      `--header=Authorization: Bearer ${MODERATOR_TOKEN}`,
      // The moderator hides messages that were just created, so that they are not found.
      '--exclude-checks=ensure_resource_availability'
    ]
  }
]

const say = progressOf('fuzz')

async function fuzz ({ seconds, maxExamples, seed }: Options): Promise<boolean> {
  const schemathesis = await installSchemathesis(say)
  const environment = new TestEnvironment('fuzz')
  const { folder } = environment
  const { server, url } = await createService('backend', {
    folder,
    env: { DATA_DIR: folder, LOG_LEVEL: 'error', MODERATOR_TOKEN }
  })
  environment.add(server)
  const problems: string[] = []
  try {
    await server.start()
    for (const { name, args } of CALLERS) {
      say(`as ${name}, for ${seconds / 2} s`)
      const child = spawn(
        schemathesis,
        [
          `--config-file=${CONFIG}`,
          '--no-color',
          'run',
          `${url}/openapi.json`,
          '--checks=all',
          `--max-time=${Math.floor(seconds / 2)}`,
          `--max-examples=${maxExamples}`,
          '--warnings=off',
          ...(seed === undefined ? [] : [`--seed=${seed}`]),
          ...args
        ],
        { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] }
      )
      const [status] = await once(child, 'exit')
      if (status !== 0) problems.push(`as ${name} schemathesis ended with ${status}`)
    }
    say(`texts that are expensive to normalise, for ${seconds / 4} s`)
    const texts = await postHostileTexts(
      new ApiClient(url),
      seconds / 4,
      seed === undefined ? undefined : Number(BigInt(seed) % 2n ** 31n)
    )
    say(`${texts.posts} texts, the slowest answer took ${texts.slowestMs.toFixed(0)} ms`)
    problems.push(...texts.problems)
    if (!server.isRunning) problems.push('the backend has ended')
    const errors = readFileSync(`${folder}/backend.log`, 'utf8').trim()
    if (errors) problems.push(`the backend logged errors, the first: ${errors.split('\n', 1)[0]}`)
  } finally {
    await environment.close()
  }
  for (const problem of problems) say(`PROBLEM: ${problem}`)
  if (problems.length === 0) say('no 5xx, and every answer conforms to the OpenAPI document')
  return problems.length === 0
}

await command({ parse: parseOptions, usage: USAGE, help: HELP, run: fuzz })
