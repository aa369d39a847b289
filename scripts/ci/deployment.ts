/**
 * `make deployment`: decides what the next `make up` deploys, and where. On a configured runner that is the cluster of
 * DEPLOY_CONFIG with images whose signatures hold, written to infra/local.yaml; else a cluster that lasts as long as the job.
 */
import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, writeFileSync } from 'node:fs'
import { parse, stringify } from 'yaml'
import { callsFor } from './changes.ts'
import { apiOf, call } from './github.ts'
import { registryOf } from './registry.ts'

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
  const repository = registryOf(process.env)
  const images = execFileSync('./build.sh', ['--all', '--print-tag'], { encoding: 'utf8', env: { ...process.env, IMAGE_REPOSITORY: repository } }).trim().split('\n')
  for (const image of images) execFileSync('scripts/verify-image', [image], { stdio: 'inherit' })
  const [backend, frontend] = ['backend', 'frontend'].map(service => images.find(image => image.includes(`-${service}:`))!.split(':').at(-1))
  return { ...parse(config), images: { repository, build: false, tags: { backend, frontend } } }
}

async function decide (): Promise<void> {
  const { DEPLOY_RUNNER, DEPLOY_CONFIG, GITHUB_OUTPUT, GITHUB_SHA } = process.env
  if (!DEPLOY_RUNNER) {
    console.log('::notice::DEPLOY_RUNNER is not set: the deployment is proven on a cluster that lasts as long as this job.')
    return
  }
  if (!DEPLOY_CONFIG) throw new Error('DEPLOY_RUNNER is set, but DEPLOY_CONFIG is not: it must hold the settings of the deployment in YAML, see docs/ci.md')
  if (existsSync(SETTINGS)) throw new Error(`${SETTINGS} is there already, and would be overwritten`)
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
