import { build, check, helm, kubectl, step } from './cluster.ts'

export type Service = 'backend' | 'frontend'
/** A second build of the same sources, to upgrade to. */
export const NEXT = 'e2e-next'
/** Posts come from one client here. */
const UNLIMITED = ['--set', 'rateLimitPosts=1000000']

const images = build('--all', '--print-tag').split('\n')
export const imageOf = (service: Service) => images.find(image => image.includes(`-${service}:`))!
export const tagOf = (service: Service) => imageOf(service).split(':').at(-1)!

export function buildImages (): void {
  build('--all', '--load')
  build('--all', '--load', '--tag', NEXT)
}

export const deploy = (service: Service, tag = tagOf(service)) =>
  helm(
    'upgrade',
    `guestbook-${service}`,
    `charts/guestbook-${service}`,
    '--install',
    '--wait',
    '--timeout',
    '4m',
    '--set',
    `image.tag=${tag}`,
    ...UNLIMITED
  )

/** Changes values of MongoDB's release and keeps those it has. */
export const changeMongodb = (...values: string[]) =>
  helm(
    'upgrade',
    'guestbook-mongodb',
    'charts/guestbook-mongodb',
    '--install',
    '--reuse-values',
    '--wait',
    '--timeout',
    '5m',
    ...values.flatMap(value => ['--set', value])
  )

const secret = () => kubectl('get', 'secret', 'guestbook-mongodb', '--output', 'jsonpath={.data}')

export async function installAll (): Promise<void> {
  await step('installing guestbook-mongodb', () =>
    helm('install', 'guestbook-mongodb', 'charts/guestbook-mongodb', '--wait', '--timeout', '5m')
  )
  await step('installing guestbook-backend', () => deploy('backend'))
  await step('installing guestbook-frontend', () => deploy('frontend'))
  await step('posting and reading back by helm test', () => {
    helm('test', 'guestbook-mongodb')
    helm('test', 'guestbook-frontend')
  })
  const first = secret()
  await step('upgrading guestbook-mongodb twice', () => {
    changeMongodb('podAnnotations.e2e=once')
    changeMongodb('podAnnotations.e2e=twice')
  })
  check(
    'the generated credentials are those of the first install',
    secret() === first && first.includes('"uri"')
  )
}
