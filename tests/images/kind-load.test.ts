import { expect, test } from '@jest/globals'
import { Checkout } from '../ci/checkout.ts'

/** Docker with two images, and a cluster of two nodes, the second with another backend:1. */
const DOCKER = `case "$*" in
  "ps "*cluster=guestbook) printf "node-1\\nnode-2\\n" ;;
  "image inspect "*backend:1) echo sha256:b1 ;;
  "image inspect "*mongo:8.0) echo sha256:m ;;
  "image inspect "*) echo "No such image: $5" >&2; exit 1 ;;
  "exec node-1 crictl "*backend:1) echo sha256:b1 ;;
  "exec node-2 crictl "*backend:1) echo sha256:old ;;
  "exec node-1 crictl "*mongo:8.0) exit 1 ;;
  "exec node-2 crictl "*mongo:8.0) echo sha256:m ;;
  "exec --interactive "*) cat >/dev/null ;;
esac`
async function load (args: string[], docker = DOCKER) {
  const place = new Checkout(['scripts/kind-load'], { docker })
  const result = await place.run('scripts/kind-load', args)
  return { ...result, calls: place.calls }
}

test('each node gets only images that it lacks or has with other content', async () => {
  const { calls, ...result } = await load(['guestbook', 'backend:1', 'mongo:8.0'])
  expect(result).toEqual({
    status: 0,
    stdout: 'load: mongo:8.0 into node-1\nload: backend:1 into node-2\n',
    stderr: ''
  })
  expect(calls.filter(call => call.startsWith('docker save'))).toEqual([
    'docker save mongo:8.0', 'docker save backend:1'
  ])
})

test('compares the content of the tag, and loads every platform with its digest', async () => {
  const { stdout, calls } = await load(['guestbook', 'backend:1'])
  const crictl = 'crictl inspecti --output go-template --template {{.status.id}} backend:1'
  const inspect = 'docker image inspect --format {{.Id}} backend:1'
  expect(stdout).toBe('load: backend:1 into node-2\n')
  expect(calls.slice(0, 5)).toEqual([
    'docker ps --format {{.Names}} --filter label=io.x-k8s.kind.cluster=guestbook',
    inspect,
    `docker exec node-1 ${crictl}`,
    inspect,
    `docker exec node-2 ${crictl}`
  ])
  // The two commands of a pipe start in any order.
  expect(calls.slice(5).sort()).toEqual([
    'docker exec --interactive node-2 ctr --namespace k8s.io images import --all-platforms ' +
    '--digests -',
    'docker save backend:1'
  ])
})

test.each([
  ['docker save', '"save "*) exit 3 ;;'],
  ['the import', '"exec --interactive "*) cat >/dev/null; exit 3 ;;']
])('a failure of %s is an error', async (_, answer) => {
  const docker = DOCKER.replace('in\n', `in\n  ${answer}\n`)
  expect(await load(['guestbook', 'mongo:8.0'], docker)).toMatchObject({ status: 3 })
})

test.each([
  [['guestbook', 'frontend:9'], 1, 'kind-load: Docker has no image frontend:9'],
  [['other', 'backend:1'], 1, 'kind-load: no Kind cluster named "other" runs here'],
  [['guestbook'], 2, 'Usage: scripts/kind-load CLUSTER IMAGE...']
])('%j is rejected', async (args, status, problem) => {
  const { calls, ...result } = await load(args)
  expect(result).toEqual({ status, stdout: '', stderr: expect.stringContaining(problem) })
  expect(calls.filter(call => call.startsWith('docker save'))).toEqual([])
})

test('has help', async () => {
  expect(await load(['--help'])).toMatchObject({
    status: 0, stdout: expect.stringContaining('Usage:')
  })
})
