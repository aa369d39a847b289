import { expect, test } from '@jest/globals'
import { CHARTS, INSTALLATIONS, nested, render } from './helm.ts'
import { podOf, violations, type PodSpec } from './pod-security.ts'
import { ALL_FEATURES } from './value-overrides/index.ts'

const good: PodSpec = {
  securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
  containers: [
    {
      name: 'a',
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }
    }
  ],
  volumes: [{ name: 'tmp', emptyDir: {} }]
}
const [container] = good.containers
const withContext = (context: object): PodSpec => ({
  ...good,
  containers: [{ name: 'a', securityContext: { ...container?.securityContext, ...context } }]
})

test('the check accepts a pod that complies', () => {
  expect(violations(good)).toEqual([])
})

test.each([
  ['hostNetwork', { ...good, hostNetwork: true }],
  ['hostPID', { ...good, hostPID: true }],
  ['volume data: hostPath', { ...good, volumes: [{ name: 'data', hostPath: { path: '/' } }] }],
  [
    'a: runAsNonRoot',
    { ...good, securityContext: { seccompProfile: { type: 'RuntimeDefault' } } }
  ],
  ['a: seccompProfile', { ...good, securityContext: { runAsNonRoot: true } }],
  [
    'pod: seccompProfile.type',
    { ...good, securityContext: { runAsNonRoot: true, seccompProfile: { type: 'Unconfined' } } }
  ],
  ['pod: runAsUser', { ...good, securityContext: { ...good.securityContext, runAsUser: 0 } }],
  [
    'sysctl kernel.msgmax',
    {
      ...good,
      securityContext: { ...good.securityContext, sysctls: [{ name: 'kernel.msgmax' }] }
    }
  ],
  ['a: runAsUser', withContext({ runAsUser: 0 })],
  ['a: runAsNonRoot', withContext({ runAsNonRoot: false })],
  ['a: privileged', withContext({ privileged: true })],
  ['a: allowPrivilegeEscalation', withContext({ allowPrivilegeEscalation: undefined })],
  ['a: capabilities.drop', withContext({ capabilities: {} })],
  ['a: capabilities.add', withContext({ capabilities: { drop: ['ALL'], add: ['NET_ADMIN'] } })],
  ['a: procMount', withContext({ procMount: 'Unmasked' })],
  ['a: seLinuxOptions', withContext({ seLinuxOptions: { type: 'spc_t' } })],
  ['a: appArmorProfile', withContext({ appArmorProfile: { type: 'Unconfined' } })],
  ['a: hostPort', { ...good, containers: [{ ...container!, ports: [{ hostPort: 80 }] }] }],
  [
    'a: probe host',
    { ...good, containers: [{ ...container!, livenessProbe: { httpGet: { host: '10.0.0.1' } } }] }
  ],
  [
    'init: capabilities.drop',
    {
      ...good,
      initContainers: [{ name: 'init', securityContext: { allowPrivilegeEscalation: false } }]
    }
  ]
] as Array<[string, PodSpec]>)('the check rejects %s', (problem, pod) => {
  expect(violations(pod)).toContain(problem)
})

/** The ci installations, and one with all features. */
const CASES = [
  ...INSTALLATIONS.map(([chart, ci]) => [chart, ci, {}] as const),
  ...CHARTS.map(chart => [chart, undefined, ALL_FEATURES[chart] ?? {}] as const)
]

test.each(CASES)(
  'every pod of %s (%s) complies with the restricted Pod Security Standard',
  async (chart, ci, values) => {
    const pods = (await render(chart, { ci, values: nested(values) }))
      .map(object => ({ name: `${object.kind} ${object.metadata.name}`, pod: podOf(object) }))
      .filter(({ pod }) => pod)

    expect(pods.length).toBeGreaterThan(0)
    for (const { name, pod } of pods) {
      expect({ name, violations: violations(pod!) }).toEqual({ name, violations: [] })
      for (const { securityContext } of [...pod!.containers, ...(pod!.initContainers ?? [])]) {
        expect(securityContext).toMatchObject({ readOnlyRootFilesystem: true })
      }
    }
  }
)

test.each(CASES)(
  'every container of %s (%s) requests CPU and memory and limits memory',
  async (chart, ci, values) => {
    const pods = (await render(chart, { ci, values: nested(values) })).flatMap(
      object => podOf(object) ?? []
    )
    for (const { resources } of pods.flatMap(
      pod => pod.containers as Array<{ resources?: object }>
    )) {
      expect(resources).toMatchObject({
        requests: { cpu: expect.anything(), memory: expect.anything() },
        limits: { memory: expect.anything() }
      })
    }
  }
)
