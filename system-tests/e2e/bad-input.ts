import { apply, attempt, check, helm, kubectl, step, until } from './cluster.ts'
import { tagOf } from './releases.ts'

const BACKEND = 'e2e-mistaken'
/** The shared memory of a node: a volume of 64 MiB that any user may write to, and that can be filled. */
const SMALL_VOLUME = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: BACKEND },
  spec: {
    capacity: { storage: '64Mi' },
    accessModes: ['ReadWriteOnce'],
    storageClassName: BACKEND,
    persistentVolumeReclaimPolicy: 'Retain',
    hostPath: { path: '/dev/shm' }
  }
}
const selector = `app.kubernetes.io/instance=${BACKEND}`
const install = (...values: string[]) =>
  helm(
    'install',
    BACKEND,
    'charts/guestbook-backend',
    '--set',
    `image.tag=${tagOf('backend')}`,
    '--set',
    `fullnameOverride=${BACKEND}`,
    ...values.flatMap(value => ['--set', value])
  )
const remove = () => {
  helm('uninstall', BACKEND, '--wait')
  kubectl('wait', 'pods', '--selector', selector, '--for=delete', '--timeout=60s')
}
const state = () =>
  kubectl(
    'get',
    'pods',
    '--selector',
    selector,
    '--output',
    'jsonpath={.items[*].status.containerStatuses[*]}'
  )
const reaches = (jsonpath: string) =>
  kubectl('wait', 'pods', '--selector', selector, `--for=jsonpath=${jsonpath}`, '--timeout=120s')

export async function refuseMistakes (): Promise<void> {
  await step('installing a backend whose Secret does not exist', () => {
    install('mongodb.existingSecret.name=e2e-nowhere')
    reaches('{.status.containerStatuses[0].state.waiting.reason}=CreateContainerConfigError')
  })
  check(
    'its pod says which Secret is missing',
    state().includes('secret \\"e2e-nowhere\\" not found'),
    state()
  )
  remove()

  await step('installing a backend whose MongoDB cannot be reached', () => {
    apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'e2e-nowhere' },
      stringData: { uri: 'mongodb://someone:hidden-word@nowhere.invalid:27017/guestbook' }
    })
    install('mongodb.existingSecret.name=e2e-nowhere')
    reaches('{.status.containerStatuses[0].state.running.startedAt}')
    kubectl('wait', 'pods', '--selector', selector, '--for=condition=Ready=false', '--timeout=60s')
  })
  const why = () => kubectl('logs', '--selector', selector, '--tail=100')
  await step('waiting for it to say why it is not ready', () =>
    until(() => why().includes('nowhere.invalid'))
  )
  check(
    'its log names the host and keeps the password',
    why().includes('nowhere.invalid') && !why().includes('hidden-word'),
    why()
  )
  remove()
  kubectl('delete', 'secret/e2e-nowhere')

  await step('installing a backend with a small volume of its own, and filling that', () => {
    apply(SMALL_VOLUME)
    install(
      'mongodb.enabled=false',
      `persistence.storageClass=${BACKEND}`,
      'persistence.size=64Mi',
      'persistence.keep=false'
    )
    kubectl('rollout', 'status', `deployment/${BACKEND}`, '--timeout=120s')
    exec(`const { openSync, writeSync } = require('fs'); const fd = openSync('/data/filler', 'w')
      for (const size of [1 << 20, 1 << 12, 1]) try { for (;;) writeSync(fd, Buffer.alloc(size)) } catch (error) { if (error.code !== 'ENOSPC') throw error }`)
  })
  const post =
    'fetch("http://127.0.0.1:3001/api/v1/messages", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ name: "E2E", message: "x".repeat(400) }) })'
  const statuses = JSON.parse(
    exec(
      `(async () => { const all = []; for (let n = 0; n < 40; n++) all.push((await ${post}).status); console.log(JSON.stringify(all)) })()`
    )
  ) as number[]
  check(
    'posts are refused as unavailable once nothing fits any more, never acknowledged',
    statuses.at(-1) === 503,
    statuses
  )
  await step('waiting for the full volume to make the pod unready', () =>
    kubectl(
      'wait',
      'pods',
      '--selector',
      selector,
      '--for=condition=Ready=false',
      '--timeout=60s'
    )
  )
  check('its log says why', /full/.test(why()), why())
  exec('require("fs").unlinkSync("/data/filler")')
  await step('making room again', () =>
    kubectl('wait', 'pods', '--selector', selector, '--for=condition=Ready', '--timeout=60s')
  )
  const stored = JSON.parse(
    exec(
      '(async () => console.log(JSON.stringify((await (await fetch("http://127.0.0.1:3001/api/v1/messages?limit=100")).json()).messages.length)))()'
    )
  )
  check(
    'what was acknowledged is there, and nothing else',
    stored === statuses.filter(status => status === 201).length,
    { stored, statuses }
  )
  exec(
    'for (const name of require("fs").readdirSync("/data")) if (/^guestbook/.test(name)) require("fs").unlinkSync("/data/" + name)'
  )
  remove()
  attempt('delete', 'pv', BACKEND)
}

const exec = (script: string) =>
  kubectl('exec', `deployment/${BACKEND}`, '--', 'node', '--eval', script)
