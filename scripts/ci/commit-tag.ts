/** `make commit-tag SERVICE=backend`: tells Argo CD, by a commit, which published image of a service is to run. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseDocument } from 'yaml'
import { publishedImage, type PublishedImage } from './registry.ts'

const TRIES = 3
const service = process.argv[2] ?? ''
const AUTHOR = [
  '-c',
  'user.name=github-actions[bot]',
  '-c',
  'user.email=41898282+github-actions[bot]@users.noreply.github.com'
]
const git = (...args: string[]) =>
  execFileSync('git', [...AUTHOR, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit']
  }).trim()

/** The values file that Argo CD reads beside the chart's own. */
const valuesOf = (service: string) => `infra/argocd/${service}.yaml`

/** @returns whether the file has changed. */
function writeImage (file: string, image: PublishedImage): boolean {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const values = parseDocument(before)
  for (const [key, value] of Object.entries(image)) values.setIn(['image', key], value)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, values.toString())
  return values.toString() !== before
}

function commit (): void {
  if (service !== 'backend' && service !== 'frontend') {
    throw new Error(`SERVICE is "${service}"; it can be backend or frontend`)
  }
  const image = publishedImage(service)
  if (!writeImage(valuesOf(service), image)) {
    console.log(`${valuesOf(service)} names ${image.tag} already.`)
    return
  }
  git('add', valuesOf(service))
  git('commit', '--quiet', '--message', `Run ${image.repository}:${image.tag}`)
  push(TRIES)
  console.log(`${valuesOf(service)} names ${image.tag}; Argo CD takes it from there.`)
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
