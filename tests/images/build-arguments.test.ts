/** What build.sh asks Docker and kind-load for, word by word. */
import { expect, test } from '@jest/globals'
import { Checkout } from '../ci/checkout.ts'
import { FILES } from '../ci/repository.ts'

/** Of the services no more than makes a tag. */
const PARTS = [
  'build.sh',
  'package-lock.json',
  '.npmrc',
  '.dockerignore',
  'infra/package.json',
  'system-tests/package.json',
  'tests/package.json',
  ...FILES.filter(file => /^services\/[^/]+\/(package\.json|Dockerfile)$/.test(file))
]
const DIGEST = `sha256:${'d'.repeat(64)}`
/** Docker with much output, which writes the digest to the metadata file. */
const DOCKER = `echo talk; echo more >&2
metadata=$(sed -E "s/.*--metadata-file ([^ ]+) .*/\\1/" <<<"$*")
[[ "$*" != "buildx build"* ]] ||
  echo '{ "containerimage.digest": "${DIGEST}", "other": "sha256:0" }' >"$metadata"`
const FILE = '--file services/backend/Dockerfile'
const VERSION = '--build-arg VERSION=4.5.6'

function checkout (docker = DOCKER): Checkout {
  const place = new Checkout(PARTS, { docker })
  place.write('package.json', '{\n  "name": "x",\n  "version": "4.5.6",\n  "private": true\n}\n')
  place.write('scripts/kind-load', '#!/bin/bash\necho "kind-load $*" >>.calls\n')
  return place
}
async function build (args: string[], env: Record<string, string> = {}, place = checkout()) {
  await place.run('chmod', ['755', 'scripts/kind-load'])
  const { status, stdout } = await place.run(
    './build.sh',
    ['--backend', '--tag', 'x', ...args],
    env
  )
  return {
    status,
    stdout,
    calls: place.calls.map(call => call.replace(/--metadata-file \S+/, '--metadata-file FILE'))
  }
}

test('an image bears its version and its commit', async () => {
  const revision = '--build-arg REVISION=unknown .'
  expect(await build([])).toEqual({
    status: 0,
    stdout: 'build: guestbook-backend:x\n',
    calls: [`docker build ${FILE} --tag guestbook-backend:x ${VERSION} ${revision}`]
  })
  const place = checkout().commitAll()
  expect((await build([], {}, place)).calls).toEqual([
    `docker build ${FILE} --tag guestbook-backend:x ${VERSION} --build-arg ` +
    `REVISION=${place.git('rev-parse', 'HEAD')} .`
  ])
})

test('base image and version may be given', async () => {
  const { calls } = await build([], { BASE_IMAGE: 'registry.example/node:24', VERSION: '9' })
  expect(calls).toEqual([
    `docker build ${FILE} --tag guestbook-backend:x --build-arg ` +
    'BASE_IMAGE=registry.example/node:24 --build-arg VERSION=9 --build-arg REVISION=unknown .'
  ])
})

test.each([
  [{}, 'guestbook'],
  [{ KIND_CLUSTER: 'e2e' }, 'e2e']
])('--load brings it into the Kind cluster of %j', async (env, cluster) => {
  expect(await build(['--load'], env)).toMatchObject({
    status: 0,
    calls: [expect.stringMatching(/^docker build /), `kind-load ${cluster} guestbook-backend:x`]
  })
})

test('--push sends it to its registry, and says so', async () => {
  const image = 'registry.example:5000/y/guestbook-backend:x'
  expect(await build(['--push'], { IMAGE_REPOSITORY: 'registry.example:5000/y' })).toEqual({
    status: 0,
    stdout: `build: ${image}\npush: ${image}\ntalk\n`,
    calls: [
      `docker build ${FILE} --tag ${image} ${VERSION} --build-arg REVISION=unknown .`,
      `docker push --quiet ${image}`
    ]
  })
})

test('--push for platforms pushes SBOM and provenance too, and prints the digest', async () => {
  const image = 'y/guestbook-backend:x'
  expect(
    await build(['--push'], { IMAGE_REPOSITORY: 'y', PLATFORMS: 'linux/amd64,linux/arm64' })
  ).toEqual({
    status: 0,
    stdout: `build: ${image}\npush: ${image}@${DIGEST}\n`,
    calls: [
      'docker buildx build --platform linux/amd64,linux/arm64 --sbom true --provenance mode=max ' +
      `--push --metadata-file FILE ${FILE} --tag ${image} ${VERSION} --build-arg ` +
      'REVISION=unknown .'
    ]
  })
  // Without --push there is no registry that could hold several.
  expect((await build([], { PLATFORMS: 'linux/amd64,linux/arm64' })).calls[0]).toMatch(
    /^docker build --file /
  )
})

test('nothing is sent or loaded when a build fails', async () => {
  for (const action of ['--load', '--push']) {
    expect(await build([action], { IMAGE_REPOSITORY: 'y' }, checkout('exit 4'))).toMatchObject({
      status: 1,
      calls: [expect.stringMatching(/^docker build /)]
    })
  }
})

test('services are built in the order of the command line, --all both', async () => {
  const tags = async (...args: string[]) =>
    (await checkout().run('./build.sh', [...args, '--tag', 'x', '--print-tag'])).stdout
      .trim()
      .split('\n')
  expect(await tags('--all')).toEqual(['guestbook-backend:x', 'guestbook-frontend:x'])
  expect(await tags('--frontend', '--backend')).toEqual([
    'guestbook-frontend:x',
    'guestbook-backend:x'
  ])
  expect(await tags('--frontend')).toEqual(['guestbook-frontend:x'])
})

test.each(['a'.repeat(128), '_x', '1.2.3-rc.1', 'A_b-c.d'])('"%s" can be a tag', async tag => {
  expect(await checkout().run('./build.sh', ['--frontend', '--tag', tag, '--print-tag'])).toEqual(
    { status: 0, stdout: `guestbook-frontend:${tag}\n`, stderr: '' }
  )
})

test.each(['a'.repeat(129), '-x', '.x', 'a/b', 'a:b', 'ä'])('"%s" cannot be a tag', async tag => {
  expect(
    await checkout().run('./build.sh', ['--frontend', '--tag', tag, '--print-tag'])
  ).toMatchObject({ status: 2, stdout: '' })
})

test('--load and --push exclude each other, but each may be said twice', async () => {
  const twice = async (...args: string[]) =>
    (
      await checkout().run('./build.sh', ['--frontend', '--tag', 'x', '--print-tag', ...args], {
        IMAGE_REPOSITORY: 'y'
      })
    ).status
  expect([
    await twice('--load', '--load'),
    await twice('--push', '--push'),
    await twice('--push', '--load')
  ]).toEqual([0, 0, 2])
})
