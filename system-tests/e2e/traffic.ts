import { readFileSync } from 'node:fs'
import { CONTAINER_SECURITY, podSecurity } from '../lib/pod-security.ts'
import { check, kubectl, step } from './cluster.ts'
import { imageOf } from './releases.ts'

export interface TrafficResult {
  sent: number
  /** Texts that were acknowledged. */
  posted: string[]
  /** Texts without an acknowledgement. They may be stored. */
  abandoned: string[]
  failures: Array<{ at: string, what: string, kept: boolean, error: string }>
  longestWaitMs: number
}

const script = readFileSync(new URL('traffic.mjs', import.meta.url), 'utf8')
/** The labels of helm test's pods, which network policies admit. */
const labels = {
  'app.kubernetes.io/name': 'guestbook-frontend-test',
  'app.kubernetes.io/instance': 'guestbook-frontend'
}

/** A pod that runs Node in the frontend's image, as restricted as the services. */
export const clientPod = (name: string, labels: Record<string, string>, args: string[]) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels },
  spec: {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 0,
    securityContext: podSecurity(),
    containers: [
      {
        name: 'client',
        image: imageOf('frontend'),
        imagePullPolicy: 'IfNotPresent',
        command: ['node', ...args],
        securityContext: { ...CONTAINER_SECURITY, readOnlyRootFilesystem: true }
      }
    ]
  }
})

/** Sends requests from inside the cluster until `stop`, which resolves to their outcomes. */
export async function startTraffic (mode: 'once' | 'persist') {
  const args = ['--input-type=module', '--eval', script, 'http://guestbook-frontend:3000/', mode]
  await kubectl.send('apply', clientPod('traffic', labels, args))
  await kubectl.wait('pod/traffic', 'condition=Ready')
  return {
    async stop (): Promise<TrafficResult> {
      // PID 1 of the pod exits when every request is answered.
      await kubectl.evaluate('pod/traffic', 'process.kill(1, "SIGTERM")')
      await kubectl.wait('pod/traffic', 'jsonpath={.status.phase}=Succeeded', '90s')
      const log = await kubectl.run('logs', 'traffic')
      await kubectl.run('delete', 'pod/traffic')
      return JSON.parse(log.split('\n').at(-1)!)
    }
  }
}

/** Every visible message, read through the API of the deployed backend. */
export async function storedMessages (): Promise<Array<{ message: string }>> {
  return JSON.parse(await kubectl.evaluate('deployment/guestbook-backend', `const all = []
    for (let cursor = ''; cursor !== null;) {
      const query = '?limit=100' + (cursor && '&cursor=' + cursor)
      const page = await (await fetch('http://127.0.0.1:3001/api/v1/messages' + query)).json()
      all.push(...page.messages)
      cursor = page.nextCursor
    }
    console.log(JSON.stringify(all))`))
}

/** Checks that every acknowledged message exists exactly once. */
export async function checkMessages ({ posted }: TrafficResult): Promise<void> {
  const times = new Map<string, number>()
  for (const { message } of await step('reading every message', storedMessages)) {
    times.set(message, (times.get(message) ?? 0) + 1)
  }
  const wrong = posted.filter(text => times.get(text) !== 1)
  check(
    `each of the ${posted.length} acknowledged messages exists once`,
    wrong.length === 0,
    wrong.slice(0, 5)
  )
}
