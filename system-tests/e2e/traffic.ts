import { readFileSync } from 'node:fs'
import { apply, check, kubectl, step } from './cluster.ts'
import { imageOf } from './releases.ts'

export interface TrafficResult {
  sent: number
  /** Texts that were acknowledged. */
  posted: string[]
  /** Texts that visitors gave up on; what became of them nobody knows. */
  abandoned: string[]
  failures: Array<{ at: string, what: string, kept: boolean, error: string }>
  longestWaitMs: number
}

const script = readFileSync(new URL('traffic.mjs', import.meta.url), 'utf8')
/** The network policies let the pods of `helm test` in. */
const labels = {
  'app.kubernetes.io/name': 'guestbook-frontend-test',
  'app.kubernetes.io/instance': 'guestbook-frontend'
}

/** A pod that runs Node in the frontend's image, as restricted as the services themselves. */
export const clientPod = (name: string, labels: Record<string, string>, args: string[]) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels },
  spec: {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    terminationGracePeriodSeconds: 0,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 10001,
      seccompProfile: { type: 'RuntimeDefault' }
    },
    containers: [
      {
        name: 'client',
        image: imageOf('frontend'),
        imagePullPolicy: 'IfNotPresent',
        command: ['node', ...args],
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] }
        }
      }
    ]
  }
})

/** Visits the page from inside the cluster until it is stopped, then tells what became of every request. */
export async function startTraffic (mode: 'once' | 'persist') {
  apply(
    clientPod('traffic', labels, [
      '--input-type=module',
      '--eval',
      script,
      'http://guestbook-frontend:3000/',
      mode
    ])
  )
  kubectl('wait', 'pod/traffic', '--for=condition=Ready', '--timeout=60s')
  return {
    stop (): TrafficResult {
      // PID 1 of the pod, which stops by itself once every request is answered.
      kubectl('exec', 'traffic', '--', 'node', '--eval', 'process.kill(1, "SIGTERM")')
      kubectl('wait', 'pod/traffic', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=90s')
      const result = JSON.parse(kubectl('logs', 'traffic').split('\n').at(-1)!)
      kubectl('delete', 'pod/traffic')
      return result
    }
  }
}

/** Every message as its readers see it, read through the backend's API page by page. */
export function storedMessages (): Array<{ message: string }> {
  const read = `const all = []
    for (let cursor = ''; cursor !== null;) {
      const page = await (await fetch('http://127.0.0.1:3001/api/v1/messages?limit=100' + (cursor && '&cursor=' + cursor))).json()
      all.push(...page.messages)
      cursor = page.nextCursor
    }
    console.log(JSON.stringify(all))`
  return JSON.parse(
    kubectl(
      'exec',
      'deployment/guestbook-backend',
      '--',
      'node',
      '--input-type=module',
      '--eval',
      read
    )
  )
}

/** Nothing that was acknowledged is lost, and nothing is there twice. */
export async function checkMessages ({ posted }: TrafficResult): Promise<void> {
  const times = new Map<string, number>()
  for (const { message } of await step('reading every message back', storedMessages)) {
    times.set(message, (times.get(message) ?? 0) + 1)
  }
  check(
    `each of the ${posted.length} acknowledged messages is there, once`,
    posted.every(text => times.get(text) === 1),
    posted.filter(text => times.get(text) !== 1).slice(0, 5)
  )
}
