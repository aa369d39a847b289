import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const REQUIREMENTS = fileURLToPath(new URL('./requirements.txt', import.meta.url))
const FOLDER = fileURLToPath(new URL('../../.tools/schemathesis', import.meta.url))

/** Puts schemathesis with its pinned libraries into .tools, again only when their list has changed. Returns the program. */
export function installSchemathesis (say: (line: string) => void): string {
  const wanted = readFileSync(REQUIREMENTS, 'utf8')
  const stamp = `${FOLDER}/.installed`
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    say('installing schemathesis (some 30 s)')
    rmSync(FOLDER, { recursive: true, force: true })
    mkdirSync(FOLDER, { recursive: true })
    run('python3', ['-m', 'venv', FOLDER])
    run(`${FOLDER}/bin/python`, [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--only-binary=:all:',
      '--requirement',
      REQUIREMENTS
    ])
    writeFileSync(stamp, wanted)
  }
  return `${FOLDER}/bin/schemathesis`
}

function run (command: string, args: string[]): void {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  if (status !== 0) {
    throw new Error(
      `${command} ${args.join(' ')} ${error ? `cannot be run (${error.message})` : `ended with ${status}`}. It needs python3 with pip and venv.`
    )
  }
}
