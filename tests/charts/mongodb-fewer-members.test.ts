import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from '@jest/globals'
import { cleanUp } from '@guestbook/service-kit/testing'
import { helm } from './helm.ts'

const STATEFUL_SETS = '/apis/apps/v1/namespaces/guestbook/statefulsets'
const RESOURCES = {
  kind: 'APIResourceList',
  groupVersion: 'apps/v1',
  resources: [{ name: 'statefulsets', namespaced: true, kind: 'StatefulSet', verbs: ['get'] }]
}
const NOT_FOUND = {
  kind: 'Status', apiVersion: 'v1', status: 'Failure', reason: 'NotFound', code: 404
}

/** A fake Kubernetes API of a cluster with this number of members. */
async function startKubernetes (members: number): Promise<string> {
  const statefulSet = {
    apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: {}, spec: { replicas: members }
  }
  const answers: Record<string, object> = {
    '/apis/apps/v1': RESOURCES, [`${STATEFUL_SETS}/guestbook-mongodb`]: statefulSet
  }
  const server = createServer(({ url }, response) => {
    const answer = answers[url!.replace(/\?.*/, '')]
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer ?? NOT_FOUND))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUp(() => { server.close() })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Output of an upgrade of the release with this name. */
async function upgrade (cluster: string, replicas: number, name = 'guestbook-mongodb') {
  const { status, stderr } = await helm([
    'template', name, 'charts/guestbook-mongodb', '--namespace', 'guestbook',
    '--dry-run=server', '--kube-apiserver', cluster, '--set', `replicas=${replicas}`
  ])
  return { isTaken: status === 0, stderr }
}

test('an upgrade to fewer members is rejected: the rest could not elect a primary', async () => {
  const cluster = await startKubernetes(3)
  expect(await upgrade(cluster, 1)).toEqual({
    isTaken: false,
    stderr: expect.stringContaining(
      'replicas is 1, but 3 members run. See "Fewer members" in the README.'
    )
  })
})

test.each([
  ['as many members as run', 3, 'guestbook-mongodb'],
  ['more members than run', 5, 'guestbook-mongodb'],
  ['the first members of another release', 1, 'another']
])('an upgrade to %s is accepted', async (_what, replicas, name) => {
  const cluster = await startKubernetes(3)
  expect(await upgrade(cluster, replicas, name)).toEqual({ isTaken: true, stderr: '' })
})
