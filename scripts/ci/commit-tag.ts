/** `make commit-tag SERVICE=backend`: tells Argo CD, by a commit, which published image of a service is to run. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseDocument } from 'yaml'
import { registryOf } from './registry.ts'

const TRIES = 3
const service = process.argv[2] ?? ''
const AUTHOR = ['-c', 'user.name=github-actions[bot]', '-c', 'user.email=41898282+github-actions[bot]@users.noreply.github.com']
const git = (...args: string[]) => execFileSync('git', [...AUTHOR, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim()

/** The values file that Argo CD reads beside the chart's own. */
const valuesOf = (service: string) => `infra/argocd/${service}.yaml`

/** @returns whether the file has changed. */
function writeTag (file: string, repository: string, tag: string): boolean {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const values = parseDocument(before)
  values.setIn(['image', 'repository'], repository)
  values.setIn(['image', 'tag'], tag)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, values.toString())
  return values.toString() !== before
}

function commit (): void {
  if (service !== 'backend' && service !== 'frontend') throw new Error(`SERVICE is "${service}"; it can be backend or frontend`)
  const image = execFileSync('./build.sh', [`--${service}`, '--print-tag'], { encoding: 'utf8', env: { ...process.env, IMAGE_REPOSITORY: registryOf(process.env) } }).trim()
  const [repository, tag] = [image.slice(0, image.lastIndexOf(':')), image.slice(image.lastIndexOf(':') + 1)]
  execFileSync('scripts/verify-image', [image], { stdio: 'inherit' })
  if (!writeTag(valuesOf(service), repository, tag)) {
    console.log(`${valuesOf(service)} names ${tag} already.`)
    return
  }
  git('add', valuesOf(service))
  git('commit', '--quiet', '--message', `Run ${image}`)
  push(TRIES)
  console.log(`${valuesOf(service)} names ${tag}; Argo CD takes it from there.`)
}

/** The other service's workflow may push at the same moment; its file is another, so that a rebase cannot conflict. */
function push (tries: number): void {
  try {
    git('push', '--quiet', 'origin', 'HEAD:main')
  } catch (error) {
    if (tries === 1) throw error
    git('pull', '--quiet', '--rebase', 'origin', 'main')
    push(tries - 1)
  }
}

try {
  commit()
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
