import { expect, test } from '@jest/globals'
import { Checkout } from '../ci/checkout.ts'

/**
 * A Docker with the images backend:1 and mongo:8.0, and a cluster of two nodes, the second of which
 * has another backend:1.
 */
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
const load = async (...args: string[]) => {
  const place = new Checkout(['scripts/kind-load'], { docker: DOCKER })
  return {
    ...(await place.run('scripts/kind-load', args)),
    saved: place.calls.filter(call => call.startsWith('docker save'))
  }
}

test('each node gets only images that it lacks or has with other content', async () => {
  expect(await load('guestbook', 'backend:1', 'mongo:8.0')).toEqual({
    status: 0,
    stdout: 'load: mongo:8.0 into node-1\nload: backend:1 into node-2\n',
    stderr: '',
    saved: ['docker save mongo:8.0', 'docker save backend:1']
  })
})

test('compares the content of the tag, and loads every platform with its digest', async () => {
  const place = new Checkout(['scripts/kind-load'], { docker: DOCKER })
  await place.run('scripts/kind-load', ['guestbook', 'backend:1'])
  const crictl = 'crictl inspecti --output go-template --template {{.status.id}} backend:1'
  const [list, ...rest] = place.calls
  const inspect = 'docker image inspect --format {{.Id}} backend:1'
  expect(list).toBe(
    'docker ps --format {{.Names}} --filter label=io.x-k8s.kind.cluster=guestbook'
  )
  expect(rest.slice(0, 4)).toEqual([
    inspect,
    `docker exec node-1 ${crictl}`,
    inspect,
    `docker exec node-2 ${crictl}`
  ])
  // A pipe's ends begin in any order.
  expect(rest.slice(4).sort()).toEqual([
    'docker exec --interactive node-2 ctr --namespace k8s.io images import --all-platforms ' +
    '--digests -',
    'docker save backend:1'
  ])
})

test.each([
  ['cannot be saved', '"save "*) exit 3 ;;'],
  ['is not taken by a node', '"exec --interactive "*) cat >/dev/null; exit 3 ;;']
])('an image that %s is an error', async (_, answer) => {
  const place = new Checkout(['scripts/kind-load'], {
    docker: DOCKER.replace('in\n', `in\n  ${answer}\n`)
  })
  expect((await place.run('scripts/kind-load', ['guestbook', 'mongo:8.0'])).status).toBe(3)
})

test('nothing is copied where it is already', async () => {
  expect(await load('guestbook', 'backend:1')).toMatchObject({
    saved: ['docker save backend:1'],
    stdout: 'load: backend:1 into node-2\n'
  })
})

test.each([
  [['guestbook', 'frontend:9'], 1, 'kind-load: Docker has no image frontend:9'],
  [['other', 'backend:1'], 1, 'kind-load: no Kind cluster named "other" runs here'],
  [['guestbook'], 2, 'Usage: scripts/kind-load CLUSTER IMAGE...']
])('%j is refused', async (args, status, problem) => {
  expect(await load(...args)).toMatchObject({
    status,
    stdout: '',
    stderr: expect.stringContaining(problem),
    saved: []
  })
})

test('has help', async () => {
  expect(await load('--help')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('Usage:')
  })
})
