import { check, kubectl, step } from './cluster.ts'
import { clientPod } from './traffic.ts'

/** A server whose policy admits nobody: reachable only where policies are not enforced. */
const metadata = { name: 'e2e-isolated' }
const selector = { app: 'e2e-isolated' }
const ISOLATED = 'e2e-isolated:8080'
const isolated = [
  clientPod('e2e-isolated', selector, [
    '--eval',
    'require("http").createServer((req, res) => res.end()).listen(8080)'
  ]),
  { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector, ports: [{ port: 8080 }] } },
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata,
    spec: { podSelector: { matchLabels: selector }, policyTypes: ['Ingress'] }
  }
]

/** Clients that a policy must reject. */
const CLIENTS: Array<{ from: string, labels: Record<string, string>, to: string[] }> = [
  {
    from: 'a pod without labels of ours',
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
    labels: {
      'app.kubernetes.io/name': 'guestbook-frontend-test',
      'app.kubernetes.io/instance': 'guestbook-frontend'
    },
    to: ['guestbook-mongodb:27017', 'guestbook-backend-management:9301']
  }
]
/** The pods of the services, which have exactly the labels that policies name. */
const SERVICES = [
  {
    from: 'deployment/guestbook-frontend',
    allowed: ['guestbook-backend:3001'],
    rejected: [
      'guestbook-mongodb:27017',
      'guestbook-backend-management:9301',
      'kubernetes.default:443'
    ]
  },
  {
    from: 'deployment/guestbook-backend',
    allowed: ['guestbook-mongodb:27017'],
    rejected: ['guestbook-frontend:3000', 'kubernetes.default:443']
  }
]
const clientName = (n: number) => `pod/e2e-client-${n}`
const CLIENT_PODS = CLIENTS.map((_, n) => clientName(n))

async function connects (from: string, address: string): Promise<boolean> {
  const [host, port] = address.split(':')
  return (await kubectl.evaluate(from, `import { connect } from 'node:net'
    const socket = connect({ host: '${host}', port: ${port}, timeout: 3000 })
    const end = outcome => { console.log(outcome); process.exit() }
    socket.once('connect', () => end('connected'))
    socket.once('timeout', () => end('timeout'))
    socket.once('error', error => end(error.code))`)) === 'connected'
}

/** Checks which connections network policies allow and reject. */
export async function checkNetworkPolicies (): Promise<void> {
  await step('starting an isolated server and clients', async () => {
    const clients = CLIENTS.map(({ labels }, n) =>
      clientPod(`e2e-client-${n}`, labels, ['--eval', 'setInterval(() => {}, 1e6)'])
    )
    await kubectl.send('apply', ...isolated, ...clients)
    await kubectl.wait(['pod/e2e-isolated', ...CLIENT_PODS], 'condition=Ready')
  })
  for (const { from, allowed } of SERVICES) {
    for (const to of allowed) check(`${from} reaches ${to}`, await connects(from, to))
  }
  if (await connects(clientName(0), ISOLATED)) {
    console.log(
      '  NOT RUN  the rejected connections: the network plugin does not enforce NetworkPolicies'
    )
  } else {
    for (const [n, { from, to }] of CLIENTS.entries()) {
      for (const address of to) {
        check(`${from} does not reach ${address}`, !(await connects(clientName(n), address)))
      }
    }
    for (const { from, rejected } of SERVICES) {
      for (const to of rejected) check(`${from} does not reach ${to}`, !(await connects(from, to)))
    }
  }
  await kubectl.run(
    'delete', 'networkpolicy/e2e-isolated', 'service/e2e-isolated', 'pod/e2e-isolated',
    ...CLIENT_PODS, '--wait=false', '--ignore-not-found'
  )
}
