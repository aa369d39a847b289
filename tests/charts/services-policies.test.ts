import { expect, test } from '@jest/globals'
import { DNS, inNamespaces, networkPolicy } from './common.ts'
import { find, type Json } from './helm.ts'
import {
  BACKEND, FRONTEND, metadata, nameOf, renderService, selectorLabels, testLabels
} from './services.ts'
import { renderRow } from './variants.ts'

const pods = (matchLabels: object) => ({ podSelector: { matchLabels } })
const named = (chart: string) => pods({ 'app.kubernetes.io/name': chart })
const network = (cidr: string) => ({ ipBlock: { cidr } })
const from = (peers: object[], port: number) => ({ from: peers, ports: [{ port }] })
const to = (peers: object[], port: number) => ({ to: peers, ports: [{ port }] })
const PAGES = named('guestbook-frontend')
const TEST = pods(testLabels(FRONTEND))
const PROMETHEUS = [inNamespaces('monitoring')]
const TO_BACKEND = to([named('guestbook-backend')], 3001)
const TO_MONGODB = to([named('guestbook-mongodb')], 27017)
const EXTRA = { to: [network('192.0.2.1/32')], ports: [{ port: 443 }] }
const TEMPO = 'http://tempo.monitoring:4318'
type Rules = [values: Json, ingress: object[], egress: object[]]

/** Endpoints of traces, and their ports. */
const ENDPOINTS = [
  [TEMPO, 4318], ['https://traces.example/v1:9', 443], ['http://10.0.0.9', 80]
] as const
const OF_BACKEND: Rules[] = [
  [{}, [from([PAGES], 3001), from(PROMETHEUS, 9301)], [TO_MONGODB, DNS]],
  [{ 'ingress.enabled': true, 'networkPolicy.ingressNamespaces': ['a', 'b'] },
    [from([PAGES, inNamespaces('a', 'b')], 3001), from(PROMETHEUS, 9301)], [TO_MONGODB, DNS]],
  [{ 'ingress.enabled': true, 'networkPolicy.ingressNamespaces': [] },
    [from([PAGES], 3001), from(PROMETHEUS, 9301)], [TO_MONGODB, DNS]],
  [{
    'networkPolicy.ingressCIDRs': ['192.0.2.0/24', '2001:db8::/32'],
    'networkPolicy.monitoringNamespaces': ['a', 'b'],
    'networkPolicy.extraEgress': [EXTRA],
    otlpEndpoint: TEMPO
  },
  [
    from([PAGES, network('192.0.2.0/24'), network('2001:db8::/32')], 3001),
    from([inNamespaces('a', 'b')], 9301)
  ],
  [TO_MONGODB, DNS, to([inNamespaces('a', 'b')], 4318), EXTRA]],
  [{ 'networkPolicy.monitoringNamespaces': [], otlpEndpoint: TEMPO },
    [from([PAGES], 3001)], [TO_MONGODB, DNS]],
  [{ 'mongodb.externalCIDRs': ['203.0.113.0/28', '203.0.113.64/28'], 'mongodb.port': 27018 },
    [from([PAGES], 3001), from(PROMETHEUS, 9301)],
    [to([network('203.0.113.0/28'), network('203.0.113.64/28')], 27018), DNS]],
  [{ 'mongodb.enabled': false }, [from([PAGES], 3001), from(PROMETHEUS, 9301)], [DNS]],
  ...ENDPOINTS.map(([otlpEndpoint, port]): Rules => [
    { otlpEndpoint },
    [from([PAGES], 3001), from(PROMETHEUS, 9301)], [TO_MONGODB, DNS, to(PROMETHEUS, port)]
  ])
]
const INGRESS = inNamespaces('ingress')
const OF_FRONTEND: Rules[] = [
  [{}, [from([INGRESS, TEST], 3000), from(PROMETHEUS, 9300)], [TO_BACKEND, DNS]],
  [{ 'networkPolicy.ingressNamespaces': [], 'networkPolicy.ingressCIDRs': ['192.0.2.0/24'] },
    [from([network('192.0.2.0/24'), TEST], 3000), from(PROMETHEUS, 9300)], [TO_BACKEND, DNS]],
  ...['NodePort', 'LoadBalancer'].map((type): Rules => [
    { 'service.type': type },
    [{ ports: [{ port: 3000 }] }, from(PROMETHEUS, 9300)], [TO_BACKEND, DNS]
  ]),
  [{
    'networkPolicy.monitoringNamespaces': ['a', 'b'],
    'networkPolicy.extraEgress': [EXTRA],
    otlpEndpoint: TEMPO
  },
  [from([INGRESS, TEST], 3000), from([inNamespaces('a', 'b')], 9300)],
  [TO_BACKEND, DNS, to([inNamespaces('a', 'b')], 4318), EXTRA]],
  [{ 'networkPolicy.monitoringNamespaces': [], otlpEndpoint: TEMPO },
    [from([INGRESS, TEST], 3000)], [TO_BACKEND, DNS]],
  ...ENDPOINTS.map(([otlpEndpoint, port]): Rules => [
    { otlpEndpoint },
    [from([INGRESS, TEST], 3000), from(PROMETHEUS, 9300)], [TO_BACKEND, DNS, to(PROMETHEUS, port)]
  ])
]
const POLICIES = [
  ...OF_BACKEND.map(rules => [BACKEND.chart, ...rules, BACKEND, OF_BACKEND] as const),
  ...OF_FRONTEND.map(rules => [FRONTEND.chart, ...rules, FRONTEND, OF_FRONTEND] as const)
]

test.each(POLICIES)('the policy of %s with %j allows exactly this traffic', async (
  chart, values, ingress, egress, service, table
) => {
  const objects = await renderRow(chart, values, table)
  const podSelector = { matchLabels: selectorLabels(service) }
  expect(find(objects, 'NetworkPolicy', nameOf(service))).toEqual(
    networkPolicy(metadata(service), { podSelector, ingress, egress })
  )
})

test('the pod of helm test may connect to the pages only', async () => {
  const objects = await renderService(FRONTEND)
  expect(find(objects, 'NetworkPolicy', `${nameOf(FRONTEND)}-test`)).toEqual(
    networkPolicy(metadata(FRONTEND, '-test'), {
      podSelector: { matchLabels: testLabels(FRONTEND) },
      egress: [to([pods(selectorLabels(FRONTEND))], 3000), DNS]
    })
  )
})
