/** `make commit-tag SERVICE=backend`: commits a published image for Argo CD. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { parseDocument } from 'yaml'
import { publishedImage, serviceNames, type PublishedImage } from './registry.ts'

const TRIES = 3
const AUTHOR = [
  '-c', 'user.name=github-actions[bot]',
  '-c', 'user.email=41898282+github-actions[bot]@users.noreply.github.com'
]
const git = (...args: string[]) => {
  execFileSync('git', [...AUTHOR, ...args], { stdio: ['ignore', 'ignore', 'inherit'] })
}

/** @returns whether the file has changed */
function writeImage (file: string, image: PublishedImage): boolean {
  const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
  const values = parseDocument(before)
  for (const [key, value] of Object.entries(image)) values.setIn(['image', key], value)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, values.toString())
  return values.toString() !== before
}

function commit (service: string): void {
  if (!serviceNames().includes(service)) {
    throw new Error(`SERVICE is "${service}"; services are ${serviceNames().join(', ')}`)
  }
  const file = `infra/argocd/${service}.yaml`
  const image = publishedImage(service)
  if (!writeImage(file, image)) {
    console.log(`${file} has ${image.tag} already.`)
    return
  }
  git('add', file)
  git('commit', '--quiet', '--message', `Run ${image.repository}:${image.tag}`)
  push(TRIES)
  console.log(`${file} has ${image.tag}; Argo CD deploys it.`)
}

/** Rebases when the workflow of another service pushed. It changes another file: no conflicts. */
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
  commit(process.argv[2] ?? '')
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
