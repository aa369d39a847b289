/** `make e2e`: install the three charts on the cluster of the current context, and change them under traffic. */
import { build, check, helm, kubectl, kubectlGlobal, NAMESPACE, step } from './cluster.ts'
import { startTraffic, storedTexts } from './traffic.ts'

/** Fewest requests that a change under traffic must have met for "none failed" to mean something. */
const ENOUGH_REQUESTS = 5000
/** Posts come from one client here. */
const UNLIMITED = ['--set', 'rateLimitPosts=1000000']

type Service = 'backend' | 'frontend'
const images = build('--all', '--print-tag').split('\n')
const tagOf = (service: Service) => images.find(image => image.includes(`-${service}:`))!.split(':').at(-1)!
const deploy = (service: Service, tag: string) =>
  helm('upgrade', `guestbook-${service}`, `charts/guestbook-${service}`, '--install', '--wait', '--timeout', '4m', '--set', `image.tag=${tag}`, ...UNLIMITED)

/** Changes a service under traffic and waits until the pods it had are gone: their last seconds count too. */
function roll (service: Service, change: () => void): void {
  const old = kubectl('get', 'pods', '--selector', `app.kubernetes.io/name=guestbook-${service}`, '--output', 'name').split('\n')
  change()
  kubectl('wait', ...old, '--for=delete', '--timeout=60s')
}

await step('building and loading the images', () => {
  build('--all', '--load')
  build('--all', '--load', '--tag', 'e2e-next')
})
await step(`making the namespace ${NAMESPACE}, which enforces the restricted Pod Security Standard`, () => {
  kubectlGlobal('delete', 'namespace', NAMESPACE, '--ignore-not-found')
  kubectlGlobal('create', 'namespace', NAMESPACE)
  kubectlGlobal('label', 'namespace', NAMESPACE, 'pod-security.kubernetes.io/enforce=restricted')
})
await step('installing guestbook-mongodb', () => helm('install', 'guestbook-mongodb', 'charts/guestbook-mongodb', '--wait', '--timeout', '5m'))
await step('installing guestbook-backend', () => deploy('backend', tagOf('backend')))
await step('installing guestbook-frontend', () => deploy('frontend', tagOf('frontend')))
await step('posting and reading back by helm test', () => {
  helm('test', 'guestbook-mongodb')
  helm('test', 'guestbook-frontend')
})

const traffic = await step('starting traffic inside the cluster', () => startTraffic(images.find(image => image.includes('frontend'))!))
for (const service of ['backend', 'frontend'] as const) {
  await step(`rolling ${service} to the next image`, () => { roll(service, () => deploy(service, 'e2e-next')) })
  await step(`rolling ${service} back`, () => { roll(service, () => helm('rollback', `guestbook-${service}`, '--wait', '--timeout', '4m')) })
}
const { sent, posted, failures } = await step('letting the traffic end', () => traffic.stop())
console.log(`  ${sent} requests, ${posted.length} of them posts, ${failures.length} failed`)
check(`at least ${ENOUGH_REQUESTS} requests were sent`, sent >= ENOUGH_REQUESTS, sent)
check('none failed, without a client trying anything again', failures.length === 0, failures.slice(0, 10))

const stored = await step('reading every message back', () => storedTexts())
const times = new Map<string, number>()
for (const text of stored) times.set(text, (times.get(text) ?? 0) + 1)
check('every acknowledged message is there, once', posted.every(text => times.get(text) === 1), posted.filter(text => times.get(text) !== 1).slice(0, 5))

await step('removing the namespace', () => kubectlGlobal('delete', 'namespace', NAMESPACE))
