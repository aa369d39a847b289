import { until } from '../lib/until.ts'
import { check, cluster, helm, kubectl, step } from './cluster.ts'
import { tagOf } from './releases.ts'

const BACKEND = 'e2e-invalid'
const API = 'http://127.0.0.1:3001/api/v1/messages'
/** The shared memory of a node: 64 MiB that any user may write to, and that a test can fill. */
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
const PODS = ['--selector', `app.kubernetes.io/instance=${BACKEND}`]

const install = async (...values: string[]) => await helm(
  'install', BACKEND, 'charts/guestbook-backend',
  '--set', [`image.tag=${tagOf('backend')},fullnameOverride=${BACKEND}`, ...values].join()
)
const uninstall = async () => {
  await helm('uninstall', BACKEND, '--wait')
  await kubectl.wait('pods', 'delete', '60s', ...PODS)
}
const waitForPod = async (condition: string, timeout = '60s') =>
  await kubectl.wait('pods', condition, timeout, ...PODS)
const evaluate = async (module: string) => await kubectl.evaluate(`deployment/${BACKEND}`, module)
const logs = async () => await kubectl.run('logs', ...PODS, '--tail=100')

export async function rejectBadInput (): Promise<void> {
  await missingSecret()
  await unreachableMongodb()
  await fullVolume()
}

async function missingSecret (): Promise<void> {
  await step('installing a backend whose Secret does not exist', async () => {
    await install('mongodb.existingSecret.name=e2e-missing')
    const reason = '{.status.containerStatuses[0].state.waiting.reason}'
    await waitForPod(`jsonpath=${reason}=CreateContainerConfigError`, '120s')
  })
  const status = await kubectl.read('pods', '{.items[*].status.containerStatuses[*]}', ...PODS)
  const isNamed = status.includes('secret \\"e2e-missing\\" not found')
  check('its pod names the missing Secret', isNamed, status)
  await uninstall()
}

async function unreachableMongodb (): Promise<void> {
  await step('installing a backend whose MongoDB cannot be reached', async () => {
    await kubectl.send('apply', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'e2e-unreachable' },
      stringData: { uri: 'mongodb://someone:hidden-word@nowhere.invalid:27017/guestbook' }
    })
    await install('mongodb.existingSecret.name=e2e-unreachable')
    await waitForPod('jsonpath={.status.containerStatuses[0].state.running.startedAt}', '120s')
    await waitForPod('condition=Ready=false')
  })
  const log = await step('waiting for its log to say why it is not ready', async () =>
    await until('the host in the log', async () => {
      const log = await logs()
      return log.includes('nowhere.invalid') ? log : undefined
    }, 120_000, 1000)
  )
  check('its log names the host without the password', !log.includes('hidden-word'), log)
  await uninstall()
  await kubectl.run('delete', 'secret/e2e-unreachable')
}

async function fullVolume (): Promise<void> {
  await step('installing a backend with a small volume, and filling it', async () => {
    await cluster.send('apply', SMALL_VOLUME)
    await install(
      'mongodb.enabled=false',
      `persistence.storageClass=${BACKEND}`,
      'persistence.size=64Mi',
      'persistence.keep=false'
    )
    await kubectl.rolledOut(`deployment/${BACKEND}`)
    await evaluate(`import { openSync, writeSync } from 'node:fs'
      const file = openSync('/data/filler', 'w')
      for (const size of [1 << 20, 1 << 12, 1]) {
        try {
          for (;;) writeSync(file, Buffer.alloc(size))
        } catch (error) { if (error.code !== 'ENOSPC') throw error }
      }`)
  })
  const statuses = JSON.parse(await evaluate(`const statuses = []
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ name: 'E2E', message: 'x'.repeat(400) })
    for (let n = 0; n < 40; n++) {
      statuses.push((await fetch('${API}', { method: 'POST', headers, body })).status)
    }
    console.log(JSON.stringify(statuses))`)) as number[]
  check('posts to a full volume are answered with 503', statuses.at(-1) === 503, statuses)
  await step('waiting until the pod is not ready', async () =>
    await waitForPod('condition=Ready=false')
  )
  const log = await logs()
  check('its log says why', /full/.test(log), log)
  await step('making room again', async () => {
    await evaluate("(await import('node:fs')).unlinkSync('/data/filler')")
    await waitForPod('condition=Ready')
  })
  const stored = JSON.parse(await evaluate(`const answer = await fetch('${API}?limit=100')
    console.log((await answer.json()).messages.length)`)) as number
  const acknowledged = statuses.filter(status => status === 201).length
  check('exactly the acknowledged messages are stored', stored === acknowledged, {
    stored,
    statuses
  })
  await evaluate(`import { readdirSync, unlinkSync } from 'node:fs'
    for (const name of readdirSync('/data')) {
      if (/^guestbook/.test(name)) unlinkSync('/data/' + name)
    }`)
  await uninstall()
  await cluster.run('delete', 'pv', BACKEND, '--ignore-not-found')
}
