/**
 * `make deployment`: chooses the cluster and the images of the next `make up`. On a configured
 * runner it writes DEPLOY_CONFIG and the images with valid signatures to infra/local.yaml.
 * Otherwise `make up` creates a cluster that lasts as long as the job.
 */
import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
import { parse, stringify } from 'yaml'
import { triggers } from './changes.ts'
import { apiOf, call } from './github.ts'
import { publishedImage, registryOf, serviceNames } from './registry.ts'

const SETTINGS = 'infra/local.yaml'
/** GitHub lists at most this many files of a comparison. */
const MAX_FILES = 300
const root = process.cwd()

interface Comparison { files?: Array<{ filename: string }> }

/**
 * A file by which a later commit of main deploys too. That deployment includes this commit;
 * deploying this one after it would revert the later change.
 */
async function supersedingFile (sha: string): Promise<string | undefined> {
  const { files = [] } = await call<Comparison>(apiOf(process.env), 'GET', `compare/${sha}...main`)
  if (files.length >= MAX_FILES) return 'hundreds of files'
  const triggered = triggers(root, files.map(({ filename }) => filename))
  const deploying = ['infra', ...serviceNames()].map(name => triggered[`${name}-deploy`])
  return deploying.find(file => file !== undefined)
}

function settingsOf (config: string): object {
  const images = serviceNames().map(service => [service, publishedImage(service)] as const)
  const each = (key: 'tag' | 'digest') =>
    Object.fromEntries(images.map(([service, image]) => [service, image[key]]))
  const repository = registryOf(process.env)
  return {
    ...parse(config),
    images: { repository, build: false, tags: each('tag'), digests: each('digest') }
  }
}

async function decide (): Promise<void> {
  const { DEPLOY_RUNNER, DEPLOY_CONFIG, GITHUB_OUTPUT, GITHUB_SHA } = process.env
  if (!DEPLOY_RUNNER) {
    console.log('::notice::DEPLOY_RUNNER is not set: this job deploys to a temporary cluster.')
    return
  }
  if (!DEPLOY_CONFIG) {
    throw new Error(
      'DEPLOY_RUNNER is set, but DEPLOY_CONFIG is not: it must hold the settings of the ' +
      'deployment in YAML, see docs/develop/ci.md'
    )
  }
  if (existsSync(SETTINGS)) throw new Error(`${SETTINGS} exists and would be overwritten`)
  const file = await supersedingFile(GITHUB_SHA!)
  if (file !== undefined) {
    console.log(`::notice::A later commit of main changes ${file}. Its own run deploys both.`)
    if (GITHUB_OUTPUT) appendFileSync(GITHUB_OUTPUT, 'superseded=true\n')
    return
  }
  writeFileSync(SETTINGS, stringify(settingsOf(DEPLOY_CONFIG)))
  console.log(`${SETTINGS} is written; make up reads it.`)
}

try {
  await decide()
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
