import { check, kubectl, step } from './cluster.ts'
import { readPage } from './journey.ts'
import { killContainer } from './kill.ts'
import { changeMongodb } from './releases.ts'
import { checkMessages, startTraffic } from './traffic.ts'

const selectors = ['frontend', 'backend', 'mongodb'].map(
  workload => `app.kubernetes.io/name=guestbook-${workload}`
)
/** MongoDB's members, without the pods of its jobs. */
const member = 'guestbook-mongodb-0'
const ready = (target: string) => kubectl('rollout', 'status', target, '--timeout=180s')
const allReady = () =>
  [
    'deployment/guestbook-frontend',
    'deployment/guestbook-backend',
    'statefulset/guestbook-mongodb'
  ].forEach(ready)

/** Lets the visitors, who try again until they are answered, live through a fault. */
async function underPersistentTraffic (fault: () => Promise<void>): Promise<void> {
  const traffic = await step('starting traffic of visitors who try again', () =>
    startTraffic('persist')
  )
  await fault()
  const result = await step('letting the traffic end', () => traffic.stop())
  console.log(
    `  ${result.sent} requests, ${result.posted.length} posts acknowledged, ${result.failures.length} answers of failure, longest wait ${(result.longestWaitMs / 1000).toFixed(1)} s`
  )
  check(
    'every post was acknowledged in the end',
    result.abandoned.length === 0,
    result.abandoned.slice(0, 5)
  )
  await checkMessages(result)
}

export async function deletePods (): Promise<void> {
  await underPersistentTraffic(async () => {
    for (const selector of selectors) {
      const pods = kubectl(
        'get',
        'pods',
        '--selector',
        selector,
        '--field-selector',
        'status.phase=Running',
        '--output',
        'name'
      ).split('\n')
      await step(`deleting ${pods.join(', ')}`, () => {
        kubectl('delete', ...pods)
        allReady()
      })
    }
  })
}

/** The page without its database: what was read last, told from when, and whole again afterwards. */
export async function loseDatabase (): Promise<void> {
  const before = await readPage()
  await step('scaling MongoDB to zero', () => {
    kubectl('scale', 'statefulset/guestbook-mongodb', '--replicas=0')
    kubectl('wait', `pod/${member}`, '--for=delete', '--timeout=90s')
    kubectl(
      'wait',
      'pods',
      '--selector',
      selectors[1]!,
      '--for=condition=Ready=false',
      '--timeout=90s'
    )
  })
  const during = await readPage()
  check(
    'the page answers 503 with Retry-After, and the last messages marked as of when',
    during.status === 503 &&
      during.retryAfter !== null &&
      during.html.includes('Shown as of') &&
      during.messages.join() === before.messages.join(),
    during
  )
  const lines = kubectl('logs', '--selector', selectors[1]!, '--tail=50')
  check('the backend says why it is not ready', /mongo/i.test(lines), lines)
  await step('scaling MongoDB back', () => {
    kubectl('scale', 'statefulset/guestbook-mongodb', '--replicas=1')
    allReady()
  })
  const after = await readPage()
  check('the page is as it was', after.status === 200 && after.html === before.html, after)
}

/** Three members; the one that takes the writes ends without a goodbye, as for a lack of memory. */
export async function killPrimary (): Promise<void> {
  const ask = (question: string) =>
    kubectl(
      'exec',
      member,
      '--container',
      'mongodb',
      '--',
      'mongosh',
      '--quiet',
      '--eval',
      question
    )
  await step('adding two members to the replica set', () => {
    changeMongodb('replicas=3')
    kubectl('wait', `pod/${member}`, '--for=condition=Ready', '--timeout=60s')
  })
  check('the replica set has three members', ask('db.hello().hosts.length') === '3')
  await underPersistentTraffic(async () => {
    const primary = ask('db.hello().primary').split('.')[0]!
    await step(`killing the primary ${primary}`, () => {
      killContainer(primary, 'mongodb', 'mongod')
      kubectl(
        'wait',
        `pod/${primary}`,
        '--for=jsonpath={.status.containerStatuses[?(@.name=="mongodb")].lastState.terminated.exitCode}=137',
        '--timeout=60s'
      )
      allReady()
    })
    const now = ask('db.hello().primary').split('.')[0]!
    check('another member has taken over', now !== primary, now)
  })
}
