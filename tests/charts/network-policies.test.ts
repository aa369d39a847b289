import { expect, test } from '@jest/globals'
import { nested, one, render, SERVICES, type Json, type KubeObject } from './helm.ts'
import { edgesOf, selects } from './network.ts'

const edges = async (chart: string, values: Json = {}) =>
  edgesOf(one(await render(chart, { values: nested(values) }), 'NetworkPolicy'))

const DNS = [
  'out to kube-dns in namespace kube-system on 53/UDP 53/TCP',
  'out to 169.254.20.10/32 on 53/UDP 53/TCP'
]
const FRONTEND = [
  'in from namespace ingress on 3000/TCP',
  'in from guestbook-frontend-test on 3000/TCP',
  'in from namespace monitoring on 9300/TCP',
  'out to guestbook-backend on 3001/TCP',
  ...DNS
]
const BACKEND = [
  'in from guestbook-frontend on 3001/TCP',
  'in from namespace monitoring on 9301/TCP',
  'out to guestbook-mongodb on 27017/TCP',
  ...DNS
]

test.each([
  ['guestbook-frontend', FRONTEND],
  ['guestbook-backend', BACKEND]
])('%s may talk to nobody but those it works with', async (chart, expected) => {
  expect(await edges(chart)).toEqual(expected)
})

test.each([
  [
    'guestbook-frontend',
    { otlpEndpoint: 'http://tempo.monitoring:4318' },
    ['out to namespace monitoring on 4318/TCP']
  ],
  [
    'guestbook-backend',
    { otlpEndpoint: 'https://traces.example/otlp' },
    ['out to namespace monitoring on 443/TCP']
  ],
  [
    'guestbook-backend',
    { otlpEndpoint: 'http://tempo.monitoring' },
    ['out to namespace monitoring on 80/TCP']
  ],
  [
    'guestbook-frontend',
    { 'networkPolicy.ingressCIDRs': ['192.0.2.0/24'] },
    ['in from 192.0.2.0/24 on 3000/TCP']
  ],
  [
    'guestbook-backend',
    { 'networkPolicy.ingressCIDRs': ['192.0.2.0/24'] },
    ['in from 192.0.2.0/24 on 3001/TCP']
  ],
  ['guestbook-backend', { 'ingress.enabled': true }, ['in from namespace ingress on 3001/TCP']],
  [
    'guestbook-frontend',
    {
      'networkPolicy.extraEgress': [
        { to: [{ ipBlock: { cidr: '192.0.2.1/32' } }], ports: [{ port: 443 }] }
      ]
    },
    ['out to 192.0.2.1/32 on 443/TCP']
  ]
])('%s with %j gets one edge more', async (chart, values, added) => {
  const expected = [...(chart === 'guestbook-frontend' ? FRONTEND : BACKEND), ...added]
  expect((await edges(chart, values)).sort()).toEqual(expected.sort())
})

test.each([
  [
    'guestbook-backend',
    { 'mongodb.externalCIDRs': ['203.0.113.0/28'], 'mongodb.port': 27018 },
    'out to guestbook-mongodb on 27017/TCP',
    ['out to 203.0.113.0/28 on 27018/TCP']
  ],
  [
    'guestbook-backend',
    { 'mongodb.enabled': false },
    'out to guestbook-mongodb on 27017/TCP',
    []
  ],
  [
    'guestbook-frontend',
    { 'networkPolicy.monitoringNamespaces': [], otlpEndpoint: 'http://t:4318' },
    'in from namespace monitoring on 9300/TCP',
    []
  ],
  [
    'guestbook-frontend',
    { 'networkPolicy.ingressNamespaces': [] },
    'in from namespace ingress on 3000/TCP',
    []
  ]
])('%s with %j loses an edge', async (chart, values, lost, added) => {
  const expected = [
    ...(chart === 'guestbook-frontend' ? FRONTEND : BACKEND).filter(edge => edge !== lost),
    ...added
  ]
  expect((await edges(chart, values)).sort()).toEqual(expected.sort())
})

test.each(['NodePort', 'LoadBalancer'])(
  'pages exposed by a %s let in everyone, their metrics still only Prometheus',
  async type => {
    expect(
      (await edges('guestbook-frontend', { 'service.type': type })).filter(edge =>
        edge.startsWith('in')
      )
    ).toEqual(['in from anywhere on 3000/TCP', 'in from namespace monitoring on 9300/TCP'])
  }
)

test.each(SERVICES)(
  'the policy of %s is about its own pods, and gone when switched off',
  async chart => {
    const objects = await render(chart)
    expect(
      selects(
        one(objects, 'NetworkPolicy'),
        one(objects, 'Deployment').spec.template.metadata.labels
      )
    ).toBe(true)
    expect(
      (await render(chart, { values: { networkPolicy: { enabled: false } } })).filter(
        ({ kind }) => kind === 'NetworkPolicy'
      )
    ).toEqual([])
  }
)

test('the pod of helm test reaches the pages and nothing else', async () => {
  const objects = await render('guestbook-frontend')
  const policy = objects.find(
    ({ kind, metadata }) =>
      kind === 'NetworkPolicy' && metadata.name === 'guestbook-frontend-test'
  )!
  expect(edgesOf(policy)).toEqual(['out to guestbook-frontend on 3000/TCP', ...DNS])
  expect(selects(policy, one(objects, 'Deployment').spec.template.metadata.labels)).toBe(false)
  expect(selects(policy, objects.find(({ kind }) => kind === 'Pod')!.metadata.labels)).toBe(true)
})

test('MongoDB is reached by the backend, its own members and its jobs, and reaches only members and DNS', async () => {
  const values = { metrics: { enabled: true } }
  const policies = (await render('guestbook-mongodb', { values })).filter(
    ({ kind }) => kind === 'NetworkPolicy'
  )
  const members = policies.find(({ metadata }) => metadata.name === 'guestbook-mongodb')!
  expect(edgesOf(members)).toEqual([
    'in from guestbook-backend on 27017/TCP',
    'in from guestbook-mongodb or mongodb on 27017/TCP',
    'in from guestbook-mongodb or backup or restore or test on 27017/TCP',
    'in from namespace monitoring on 9216/TCP',
    'out to guestbook-mongodb or mongodb on 27017/TCP',
    ...DNS
  ])
})

test("the backend's policy lets out what MongoDB's lets in, and the frontend's what the backend's lets in", async () => {
  const [frontend, backend] = await Promise.all(
    SERVICES.toReversed().map(async chart => await edges(chart))
  )
  expect(frontend).toContain('out to guestbook-backend on 3001/TCP')
  expect(backend).toEqual(
    expect.arrayContaining([
      'in from guestbook-frontend on 3001/TCP',
      'out to guestbook-mongodb on 27017/TCP'
    ])
  )
})

test('edges tell an open policy from a closed one', () => {
  const policy = (spec: Json) =>
    ({ kind: 'NetworkPolicy', metadata: { name: 'x', labels: {} }, spec }) as KubeObject
  expect(
    edgesOf(
      policy({
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{}],
        egress: [{ to: [{ namespaceSelector: {} }] }]
      })
    )
  ).toEqual(['in from anywhere on every port', 'out to namespace any on every port'])
  expect(() => edgesOf(policy({ policyTypes: ['Ingress'] }))).toThrow('leaves a direction open')
})
