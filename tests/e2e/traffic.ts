import { readFileSync } from 'node:fs'
import { apply, kubectl } from './cluster.ts'

export interface TrafficResult { sent: number, posted: string[], failures: Array<{ at: string, what: string, kept: boolean, error: string }> }

const script = readFileSync(new URL('traffic.mjs', import.meta.url), 'utf8')
/** The network policies let the pods of `helm test` in. */
const labels = { 'app.kubernetes.io/name': 'guestbook-frontend-test', 'app.kubernetes.io/instance': 'guestbook-frontend' }

function pod (name: string, image: string, args: string[]) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels },
    spec: {
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [{
        name: 'traffic',
        image,
        imagePullPolicy: 'IfNotPresent',
        command: ['node', '--input-type=module', '--eval', script, ...args],
        securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } }
      }]
    }
  }
}

/** Visits the page from inside the cluster until it is stopped, then tells what became of every request. */
export async function startTraffic (image: string) {
  apply(pod('traffic', image, ['http://guestbook-frontend:3000/']))
  kubectl('wait', 'pod/traffic', '--for=condition=Ready', '--timeout=60s')
  return {
    stop (): TrafficResult {
      // PID 1 of the pod, which stops by itself once every request is answered.
      kubectl('exec', 'traffic', '--', 'node', '--eval', 'process.kill(1, "SIGTERM")')
      kubectl('wait', 'pod/traffic', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=60s')
      return JSON.parse(kubectl('logs', 'traffic').split('\n').at(-1)!)
    }
  }
}

/** The text of every message, read through the backend's API page by page. */
export function storedTexts (): string[] {
  const read = `const texts = []
    for (let cursor = ''; cursor !== null;) {
      const page = await (await fetch('http://127.0.0.1:3001/api/v1/messages?limit=100' + (cursor && '&cursor=' + cursor))).json()
      texts.push(...page.messages.map(({ message }) => message))
      cursor = page.nextCursor
    }
    console.log(JSON.stringify(texts))`
  return JSON.parse(kubectl('exec', 'deployment/guestbook-backend', '--', 'node', '--input-type=module', '--eval', read))
}
