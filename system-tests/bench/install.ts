/** Brings what the benchmark needs beyond the project: wrk, and the libraries of the peers under .tools/peers. */
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createHash } from 'node:crypto'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const SOURCES = fileURLToPath(new URL('./peers/', import.meta.url))
/** Where the peers run from. */
export const PEERS = `${ROOT}.tools/peers/`

/** @throws Error saying what to do when wrk is missing and cannot be installed. */
export function installWrk (): void {
  run('bash', [`${ROOT}scripts/install-wrk`])
}

/** Express and its libraries by npm from the lockfile, Flask and its by pip from its pinned requirements. */
export function installPeers (say: (line: string) => void): void {
  install('express', say, folder => {
    run(
      'npm',
      ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
      folder
    )
  })
  install('flask', say, folder => {
    run('python3', ['-m', 'venv', 'venv'], folder)
    run(
      'venv/bin/python',
      [
        '-m',
        'pip',
        'install',
        '--quiet',
        '--disable-pip-version-check',
        '--only-binary=:all:',
        '--requirement',
        'requirements.txt'
      ],
      folder
    )
  })
}

/** Again only when one of the peer's files has changed. */
function install (
  name: string,
  say: (line: string) => void,
  fetch: (folder: string) => void
): void {
  const [source, target] = [`${SOURCES}${name}`, `${PEERS}${name}`]
  const hash = createHash('sha256')
  for (const file of readdirSync(source, { recursive: true, withFileTypes: true }).filter(entry =>
    entry.isFile()
  )) {
    hash.update(file.name).update(readFileSync(`${file.parentPath}/${file.name}`))
  }
  const stamp = hash.digest('hex')
  if (
    existsSync(`${target}/.installed`) &&
    readFileSync(`${target}/.installed`, 'utf8') === stamp
  ) { return }
  say(`installing the ${name} peer (some 10 s)`)
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  cpSync(source, target, { recursive: true })
  fetch(target)
  writeFileSync(`${target}/.installed`, stamp)
}

function run (command: string, args: string[], cwd?: string): void {
  const { status, error } = spawnSync(command, args, {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit']
  })
  if (status !== 0) {
    throw new Error(
      `${command} ${args.join(' ')} ${error ? `cannot be run (${error.message})` : `ended with ${status}`}.`
    )
  }
}
