/**
 * `make deployment`: decides what the next `make up` deploys, and where. On a configured runner that is the cluster of
 * DEPLOY_CONFIG with images whose signatures hold, written to infra/local.yaml; else a cluster that lasts as long as the job.
 */
import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
import { parse, stringify } from 'yaml'
import { callsFor } from './changes.ts'
import { apiOf, call } from './github.ts'
import { publishedImage, registryOf } from './registry.ts'

const SETTINGS = 'infra/local.yaml'
const DEPLOYING = ['infra-deploy', 'backend-deploy', 'frontend-deploy']
/** GitHub lists no more files of a comparison than these. */
const LISTED = 300
const root = process.cwd()

interface Comparison { files?: Array<{ filename: string }> }

/** A later commit of main that deploys too will bring this one's changes with it; going on would take its own back. */
async function supersedingFile (sha: string): Promise<string | undefined> {
  const { files = [] } = await call<Comparison>(apiOf(process.env), 'GET', `compare/${sha}...main`)
  if (files.length >= LISTED) return 'hundreds of files'
  const calls = callsFor(root, files.map(({ filename }) => filename))
  return DEPLOYING.map(name => calls[name]).find(file => file !== undefined)
}

function settingsOf (config: string): object {
  const [backend, frontend] = [publishedImage('backend'), publishedImage('frontend')]
  const images = {
    repository: registryOf(process.env),
    build: false,
    tags: { backend: backend.tag, frontend: frontend.tag },
    digests: { backend: backend.digest, frontend: frontend.digest }
  }
  return { ...parse(config), images }
}

async function decide (): Promise<void> {
  const { DEPLOY_RUNNER, DEPLOY_CONFIG, GITHUB_OUTPUT, GITHUB_SHA } = process.env
  if (!DEPLOY_RUNNER) {
    console.log(
      '::notice::DEPLOY_RUNNER is not set: the deployment is proven on a cluster that lasts as long as this job.'
    )
    return
  }
  if (!DEPLOY_CONFIG) {
    throw new Error(
      'DEPLOY_RUNNER is set, but DEPLOY_CONFIG is not: it must hold the settings of the deployment in YAML, see docs/develop/ci.md'
    )
  }
  if (existsSync(SETTINGS)) {
    throw new Error(`${SETTINGS} is there already, and would be overwritten`)
  }
  const file = await supersedingFile(GITHUB_SHA!)
  if (file !== undefined) {
    console.log(`::notice::A later commit of main changes ${file}. Its own run deploys both.`)
    if (GITHUB_OUTPUT) appendFileSync(GITHUB_OUTPUT, 'superseded=true\n')
    return
  }
  writeFileSync(SETTINGS, stringify(settingsOf(DEPLOY_CONFIG)))
  console.log(`${SETTINGS} is written; make up deploys by it.`)
}

try {
  await decide()
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
