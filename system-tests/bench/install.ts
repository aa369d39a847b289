/** Installs what the benchmark needs beyond the project: wrk, and the peers under .tools/peers. */
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { run } from '../lib/exec.ts'
import { ROOT } from '../lib/paths.ts'
import { installPython } from '../lib/python.ts'

const SOURCES = `${ROOT}system-tests/bench/peers/`
/** The peers run from here. */
export const PEERS = `${ROOT}.tools/peers/`

/** @throws Error with instructions when wrk is missing and cannot be installed */
export async function installWrk (): Promise<void> {
  await run('bash', [`${ROOT}scripts/install-wrk`])
}

/** Installs Express from its lockfile, and Flask from its pinned list. */
export async function installPeers (say: (line: string) => void): Promise<void> {
  await install('express', say, async cwd => {
    await run(
      'npm',
      ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'],
      { cwd }
    )
  })
  await install('flask', say, async folder => {
    await installPython(`${folder}/venv`, `${folder}/requirements.txt`)
  })
}

/** Installs again only when a file of the peer has changed. */
async function install (
  name: string,
  say: (line: string) => void,
  fetch: (folder: string) => Promise<void>
): Promise<void> {
  const [source, target] = [`${SOURCES}${name}`, `${PEERS}${name}`]
  const hash = createHash('sha256')
  for (const file of readdirSync(source, { recursive: true, withFileTypes: true })) {
    if (file.isFile()) {
      hash.update(file.name).update(readFileSync(`${file.parentPath}/${file.name}`))
    }
  }
  const [stamp, installed] = [hash.digest('hex'), `${target}/.installed`]
  if (existsSync(installed) && readFileSync(installed, 'utf8') === stamp) return
  say(`installing the ${name} peer (some 10 s)`)
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  cpSync(source, target, { recursive: true })
  await fetch(target)
  writeFileSync(installed, stamp)
}
