import { apply, attempt, check, kubectl, step } from './cluster.ts'
import { clientPod } from './traffic.ts'

/** A server with a policy that lets nobody in. Whether it is reached tells whether the network plugin enforces policies at all. */
const CANARY = 'http://e2e-canary:8080'
const canary = [
  clientPod('e2e-canary', { app: 'e2e-canary' }, [
    '--eval',
    'require("http").createServer((req, res) => res.end()).listen(8080)'
  ]),
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'e2e-canary' },
    spec: { selector: { app: 'e2e-canary' }, ports: [{ port: 8080 }] }
  },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: 'e2e-canary' },
    spec: { podSelector: { matchLabels: { app: 'e2e-canary' } }, policyTypes: ['Ingress'] }
  }
]

const of = (workload: string) => ({
  'app.kubernetes.io/name': `guestbook-${workload}`,
  'app.kubernetes.io/instance': `guestbook-${workload}`
})
/** Who asks from where. The services' own pods ask for the allowed edges, since they carry exactly the labels of theirs. */
const REFUSED: Array<{ from: string; labels: Record<string, string>; to: string[] }> = [
  {
    from: 'a stranger',
    labels: { app: 'stranger' },
    to: [
      'guestbook-mongodb:27017',
      'guestbook-backend:3001',
      'guestbook-backend-management:9301',
      'guestbook-frontend-management:9300'
    ]
  },
  {
    from: 'the test of the frontend',
    labels: { ...of('frontend'), 'app.kubernetes.io/name': 'guestbook-frontend-test' },
    to: ['guestbook-mongodb:27017', 'guestbook-backend-management:9301']
  }
]
const ALLOWED = [
  {
    from: 'deployment/guestbook-frontend',
    to: ['guestbook-backend:3001'],
    refused: [
      'guestbook-mongodb:27017',
      'guestbook-backend-management:9301',
      'kubernetes.default:443'
    ]
  },
  {
    from: 'deployment/guestbook-backend',
    to: ['guestbook-mongodb:27017'],
    refused: ['guestbook-frontend:3000', 'kubernetes.default:443']
  }
]

const connects = (from: string, address: string) => {
  const [host, port] = address.replace('http://', '').split(':')
  const script = `const socket = require('net').connect({ host: '${host}', port: ${port}, timeout: 3000 })
    socket.once('connect', () => { console.log('connected'); process.exit() }).once('timeout', () => process.exit()).once('error', error => { console.log(error.code); process.exit() })`
  return kubectl('exec', from, '--', 'node', '--eval', script) === 'connected'
}

/** Where the cluster's network enforces policies, what is not named in them is refused. */
export async function tryEdges (): Promise<void> {
  await step('starting a canary that nobody may reach, and strangers', () => {
    canary.forEach(apply)
    REFUSED.forEach(({ labels }, n) =>
      apply(clientPod(`e2e-client-${n}`, labels, ['--eval', 'setInterval(() => {}, 1e6)']))
    )
    kubectl(
      'wait',
      'pod/e2e-canary',
      ...REFUSED.map((_, n) => `pod/e2e-client-${n}`),
      '--for=condition=Ready',
      '--timeout=60s'
    )
  })
  for (const { from, to } of ALLOWED) {
    for (const address of to) check(`${from} reaches ${address}`, connects(from, address))
  }
  const enforced = !connects('pod/e2e-client-0', CANARY)
  if (!enforced) {
    console.log(
      "  NOT RUN  the refused edges: this cluster's network plugin does not enforce NetworkPolicies (it reached a pod that lets nobody in)"
    )
  } else {
    REFUSED.forEach(({ from, to }, n) =>
      to.forEach(address =>
        check(`${from} is refused by ${address}`, !connects(`pod/e2e-client-${n}`, address))
      )
    )
    ALLOWED.forEach(({ from, refused }) =>
      refused.forEach(address =>
        check(`${from} is kept from ${address}`, !connects(from, address))
      )
    )
  }
  attempt(
    'delete',
    'networkpolicy/e2e-canary',
    'service/e2e-canary',
    'pod/e2e-canary',
    ...REFUSED.map((_, n) => `pod/e2e-client-${n}`),
    '--wait=false'
  )
}
