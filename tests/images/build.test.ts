/** build.sh, with a stand-in for Docker. */
import { appendFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { BUILD_SOURCES, Checkout } from '../ci/checkout.ts'
import { DIGEST } from '../ci/cosign.ts'

/** Docker with much output, which writes the digest to the metadata file. */
const DOCKER = `echo talk; echo more >&2
metadata=$(sed -E "s/.*--metadata-file ([^ ]+) .*/\\1/" <<<"$*")
[[ "$*" != "buildx build"* ]] ||
  echo '{ "containerimage.digest": "${DIGEST}", "other": "sha256:0" }' >"$metadata"`
const FILE = '--file services/backend/Dockerfile'
const VERSION = '--build-arg VERSION=4.5.6'
const REVISION = '--build-arg REVISION=unknown .'

function checkout (docker = DOCKER, ...more: string[]): Checkout {
  const place = new Checkout([...BUILD_SOURCES, ...more], { docker })
  place.write('package.json', '{\n  "name": "x",\n  "version": "4.5.6",\n  "private": true\n}\n')
  place.script('scripts/kind-load', 'echo "kind-load $*" >>.calls')
  return place
}

async function build (args: string[], env: Record<string, string> = {}, place = checkout()) {
  const result = await place.run('./build.sh', args, env)
  const calls = place.calls.map(call => call.replace(/--metadata-file \S+/, '--metadata-file FILE'))
  return { ...result, calls }
}
const buildBackend = async (args: string[], env?: Record<string, string>, place?: Checkout) =>
  await build(['--backend', '--tag', 'x', ...args], env, place)

describe('the tag', () => {
  const CONTENT = ['services/backend', 'services/frontend', 'services/service-kit']
  const tags = async (env: Record<string, string> = {}, place = checkout(DOCKER, ...CONTENT)) =>
    (await build(['--all', '--print-tag'], env, place)).stdout.trim().split('\n')

  test('is a hash of the content', async () => {
    const [first, again] = [await tags(), await tags()]
    expect(first).toEqual([
      expect.stringMatching(/^guestbook-backend:[0-9a-f]{12}$/),
      expect.stringMatching(/^guestbook-frontend:[0-9a-f]{12}$/)
    ])
    expect(again).toEqual(first)
    expect(await tags({ BASE_IMAGE: 'registry.example/node:24' })).not.toEqual(first)
  })

  test.each([
    ['services/backend/src/app.ts', [true, false]],
    ['services/frontend/views/form.hbs', [false, true]],
    ['services/frontend/Dockerfile', [false, true]],
    ['services/service-kit/src/run.ts', [true, true]],
    ['package-lock.json', [true, true]],
    ['services/backend/test/helper.ts', [false, false]],
    ['services/backend/openapi.json', [false, false]]
  ])('a change of %s changes the tags of the images that contain it', async (file, changed) => {
    const place = checkout(DOCKER, ...CONTENT)
    const before = await tags({}, place)
    appendFileSync(`${place.folder}/${file}`, '\n')
    const after = await tags({}, place)
    expect(after.map((tag, index) => tag !== before[index])).toEqual(changed)
  })

  test.each(['a'.repeat(128), '_x', '1.2.3-rc.1', 'A_b-c.d'])('can be "%s"', async tag => {
    expect(
      await build(['--frontend', '--tag', tag, '--print-tag'], { IMAGE_REPOSITORY: 'ghcr.io/me' })
    ).toMatchObject({ status: 0, stdout: `ghcr.io/me/guestbook-frontend:${tag}\n`, stderr: '' })
  })

  test.each(['a'.repeat(129), '-x', '.x', 'a/b', 'a:b', 'ä'])('cannot be "%s"', async tag => {
    expect(await build(['--frontend', '--tag', tag, '--print-tag'])).toMatchObject({
      status: 2, stdout: ''
    })
  })
})

test('an image has its version and its commit', async () => {
  expect(await buildBackend([])).toEqual({
    status: 0,
    stdout: 'build: guestbook-backend:x\n',
    stderr: '',
    calls: [`docker build ${FILE} --tag guestbook-backend:x ${VERSION} ${REVISION}`]
  })
  const place = checkout().commitAll()
  expect((await buildBackend([], {}, place)).calls).toEqual([
    `docker build ${FILE} --tag guestbook-backend:x ${VERSION} --build-arg ` +
    `REVISION=${place.git('rev-parse', 'HEAD')} .`
  ])
})

test('BASE_IMAGE and VERSION override the defaults', async () => {
  const { calls } = await buildBackend([], { BASE_IMAGE: 'registry.example/node:24', VERSION: '9' })
  expect(calls).toEqual([
    `docker build ${FILE} --tag guestbook-backend:x --build-arg ` +
    `BASE_IMAGE=registry.example/node:24 --build-arg VERSION=9 ${REVISION}`
  ])
})

test.each([
  [{}, 'guestbook'],
  [{ KIND_CLUSTER: 'e2e' }, 'e2e']
])('--load copies the image to the Kind cluster of %j', async (env, cluster) => {
  expect(await buildBackend(['--load'], env)).toMatchObject({
    status: 0,
    calls: [expect.stringMatching(/^docker build /), `kind-load ${cluster} guestbook-backend:x`]
  })
})

test('--push pushes the image to its registry', async () => {
  const image = 'registry.example:5000/y/guestbook-backend:x'
  expect(await buildBackend(['--push'], { IMAGE_REPOSITORY: 'registry.example:5000/y' })).toEqual({
    status: 0,
    stdout: `build: ${image}\npush: ${image}\ntalk\n`,
    stderr: 'more\n',
    calls: [
      `docker build ${FILE} --tag ${image} ${VERSION} ${REVISION}`,
      `docker push --quiet ${image}`
    ]
  })
})

test('--push for platforms pushes SBOM and provenance too, and prints the digest', async () => {
  const image = 'y/guestbook-backend:x'
  const PLATFORMS = 'linux/amd64,linux/arm64'
  expect(await buildBackend(['--push'], { IMAGE_REPOSITORY: 'y', PLATFORMS })).toEqual({
    status: 0,
    stdout: `build: ${image}\npush: ${image}@${DIGEST}\n`,
    stderr: '',
    calls: [
      `docker buildx build --platform ${PLATFORMS} --sbom true --provenance mode=max --push ` +
      `--metadata-file FILE ${FILE} --tag ${image} ${VERSION} ${REVISION}`
    ]
  })
  // Docker itself cannot store an image for several platforms.
  expect((await buildBackend([], { PLATFORMS })).calls[0]).toMatch(/^docker build --file /)
})

test.each(['--load', '--push'])('a failed build prints its output, and ends %s', async action => {
  const place = checkout('echo "npm error 404"; echo "exit code: 1" >&2; exit 4')
  expect(await buildBackend([action], { IMAGE_REPOSITORY: 'y' }, place)).toEqual({
    status: 1,
    stdout: 'build: y/guestbook-backend:x\n',
    stderr: 'npm error 404\nexit code: 1\n',
    calls: [expect.stringMatching(/^docker build (?!.*--quiet )/)]
  })
})

test('services are built in the order of the command line', async () => {
  const tags = async (...args: string[]) =>
    (await build([...args, '--tag', 'x', '--print-tag'])).stdout.trim().split('\n')
  const [backend, frontend] = ['guestbook-backend:x', 'guestbook-frontend:x']
  expect(await tags('--all')).toEqual([backend, frontend])
  expect(await tags('--frontend', '--backend')).toEqual([frontend, backend])
  expect(await tags('--frontend')).toEqual([frontend])
})

test.each([
  [['--all', '--fast'], 'unknown option --fast'],
  [['backend'], 'unknown option backend'],
  [[], 'name an image: --all --backend --frontend'],
  [['--all', '--tag'], '--tag needs a value'],
  [['--all', '--tag', 'a b'], 'invalid tag "a b"'],
  [['--all', '--load', '--push'], '--load and --push exclude each other'],
  [['--all', '--push', '--load'], '--load and --push exclude each other'],
  [['--all', '--push'], '--push needs IMAGE_REPOSITORY']
])('%j is rejected with the reason and the usage', async (args, reason) => {
  expect(await build(args)).toEqual({
    status: 2,
    stdout: '',
    stderr: expect.stringMatching(RegExp(`^build.sh: ${reason}\nUsage: build.sh`)),
    calls: []
  })
})

test.each(['--load', '--push'])('%s may be repeated', async action => {
  const env = { IMAGE_REPOSITORY: 'y' }
  expect(await buildBackend(['--print-tag', action, action], env)).toMatchObject({ status: 0 })
})

test('without docker nothing is built', async () => {
  const place = new Checkout(BUILD_SOURCES).only('bash', 'dirname')
  expect(await build(['--all'], {}, place)).toMatchObject({
    status: 1,
    stdout: '',
    stderr: 'build.sh: docker is not on the PATH: install it first\n'
  })
})

test('--help lists every option', async () => {
  const { status, stdout } = await build(['--help'])
  expect(status).toBe(0)
  const options = ['--all', '--backend', '--frontend', '--tag', '--load', '--push', '--print-tag']
  for (const option of [...options, 'IMAGE_REPOSITORY', 'BASE_IMAGE']) {
    expect(stdout).toContain(option)
  }
})
