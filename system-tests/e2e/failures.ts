import { check, kubectl, step } from './cluster.ts'
import { readPage } from './journey.ts'
import { killContainer } from './kill.ts'
import { changeMongodb } from './releases.ts'
import { checkMessages, startTraffic } from './traffic.ts'

const MONGODB = 'statefulset/guestbook-mongodb'
const WORKLOADS = ['deployment/guestbook-frontend', 'deployment/guestbook-backend', MONGODB]
const SELECTORS = ['frontend', 'backend', 'mongodb'].map(
  name => `app.kubernetes.io/name=guestbook-${name}`
)
const BACKENDS = ['--selector', SELECTORS[1]!]
const MEMBER = 'guestbook-mongodb-0'

/** Injects a fault under traffic of visitors who retry, and checks that they all succeed. */
async function underTraffic (fault: () => Promise<void>): Promise<void> {
  const traffic = await step('starting traffic with retries', async () =>
    await startTraffic('persist')
  )
  await fault()
  const result = await step('stopping the traffic', traffic.stop)
  const { sent, posted, failures, longestWaitMs, abandoned } = result
  console.log(
    `  ${sent} requests, ${posted.length} posts acknowledged, ${failures.length} failures, ` +
      `longest wait ${(longestWaitMs / 1000).toFixed(1)} s`
  )
  check('every post was acknowledged', abandoned.length === 0, abandoned.slice(0, 5))
  await checkMessages(result)
}

export async function deletePods (): Promise<void> {
  await underTraffic(async () => {
    for (const selector of SELECTORS) {
      const running = ['--selector', selector, '--field-selector', 'status.phase=Running']
      const pods = await kubectl.names('pods', ...running)
      await step(`deleting ${pods.join(', ')}`, async () => {
        await kubectl.run('delete', ...pods)
        await kubectl.rolledOut(...WORKLOADS)
      })
    }
  })
}

/** Without its database the page shows its last copy, marked "as of". */
export async function loseDatabase (): Promise<void> {
  const before = await readPage()
  await step('scaling MongoDB to zero', async () => {
    await kubectl.scale(MONGODB, 0)
    await kubectl.wait(`pod/${MEMBER}`, 'delete', '90s')
    await kubectl.wait('pods', 'condition=Ready=false', '90s', ...BACKENDS)
  })
  const during = await readPage()
  check(
    'the page answers 503 with Retry-After, and shows the last messages as of a time',
    during.status === 503 &&
      during.retryAfter !== null &&
      during.html.includes('Shown as of') &&
      during.messages.join() === before.messages.join(),
    during
  )
  const lines = await kubectl.run('logs', ...BACKENDS, '--tail=50')
  check('the log of the backend says why it is not ready', /mongo/i.test(lines), lines)
  await step('scaling MongoDB back', async () => {
    await kubectl.scale(MONGODB, 1)
    await kubectl.rolledOut(...WORKLOADS)
  })
  const after = await readPage()
  check('the page is as before', after.status === 200 && after.html === before.html, after)
}

/** Kills the primary of three members with SIGKILL. */
export async function killPrimary (): Promise<void> {
  const ask = async (question: string) => await kubectl.run(
    'exec', MEMBER, '--container', 'mongodb', '--', 'mongosh', '--quiet', '--eval', question
  )
  const primaryName = async () => (await ask('db.hello().primary')).split('.')[0]!
  await step('adding two members to the replica set', async () => {
    await changeMongodb('replicas=3')
    await kubectl.wait(`pod/${MEMBER}`, 'condition=Ready')
  })
  check('the replica set has three members', (await ask('db.hello().hosts.length')) === '3')
  await underTraffic(async () => {
    const primary = await primaryName()
    await step(`killing the primary ${primary}`, async () => {
      await killContainer(primary, 'mongodb', 'mongod')
      const container = '.status.containerStatuses[?(@.name=="mongodb")]'
      const killed = `jsonpath={${container}.lastState.terminated.exitCode}=137`
      await kubectl.wait(`pod/${primary}`, killed)
      await kubectl.rolledOut(...WORKLOADS)
    })
    const now = await primaryName()
    check('another member is primary', now !== primary, now)
  })
}
