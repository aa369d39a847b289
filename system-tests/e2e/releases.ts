import { build, check, helm, kubectl, step } from './cluster.ts'

export type Service = 'backend' | 'frontend'
/** The tag of a second build of the same sources, to upgrade to. */
export const NEXT = 'e2e-next'

const images = (await build('--all', '--print-tag')).split('\n')
export const imageOf = (service: Service) => images.find(image => image.includes(`-${service}:`))!
export const tagOf = (service: Service) => imageOf(service).split(':').at(-1)!

export async function buildImages (): Promise<void> {
  await build('--all', '--load')
  await build('--all', '--load', '--tag', NEXT)
}

const upgrade = async (chart: string, timeout: string, ...args: string[]) => await helm(
  'upgrade', `guestbook-${chart}`, `charts/guestbook-${chart}`,
  '--install', '--wait', '--timeout', timeout, ...args
)

/** All posts come from one client here, so that the rate limit is off. */
export const deploy = async (service: Service, tag = tagOf(service)) =>
  await upgrade(service, '4m', '--set', `image.tag=${tag},rateLimitPosts=1000000`)

/** Changes values of MongoDB's release and keeps the others. */
export const changeMongodb = async (...values: string[]) =>
  await upgrade('mongodb', '5m', '--reuse-values', '--set', values.join())

const secret = async () => await kubectl.read('secret/guestbook-mongodb', '{.data}')

export async function installAll (): Promise<void> {
  await step('installing guestbook-mongodb', async () => await upgrade('mongodb', '5m'))
  await step('installing guestbook-backend', async () => await deploy('backend'))
  await step('installing guestbook-frontend', async () => await deploy('frontend'))
  await step('posting and reading with helm test', async () => {
    await helm('test', 'guestbook-mongodb')
    await helm('test', 'guestbook-frontend')
  })
  const first = await secret()
  await step('upgrading guestbook-mongodb twice', async () => {
    await changeMongodb('podAnnotations.e2e=once')
    await changeMongodb('podAnnotations.e2e=twice')
  })
  const last = await secret()
  check(
    'the generated credentials are those of the first install',
    last === first && first.includes('"uri"')
  )
}
