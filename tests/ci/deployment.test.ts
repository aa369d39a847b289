import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { BUILD_SOURCES, Checkout, initRepository } from './checkout.ts'
import { DIGEST, VERIFIED } from './cosign.ts'
import { startGitHub, type StandIn } from './github-stand-in.ts'
import { ROOT } from './repository.ts'

const PARTS = [...BUILD_SOURCES, 'scripts/verify-image', '.github']
const CONFIG = 'target:\n  type: context\n  context: prod\nimages:\n  build: true\n'
const SHA = 'a'.repeat(40)
const TAG = expect.stringMatching(/^[0-9a-f]{12}$/)
const asFile = (filename: string) => ({ filename })

let github: StandIn
beforeEach(async () => { github = await startGitHub() })
afterEach(async () => { await github.stop() })

const checkout = (cosign = VERIFIED) => new Checkout(PARTS, { cosign })
const onRunner = () => ({
  DEPLOY_RUNNER: 'cluster',
  DEPLOY_CONFIG: CONFIG,
  GITHUB_SHA: SHA,
  GITHUB_API_URL: github.api.url,
  GITHUB_TOKEN: github.api.token,
  GITHUB_REPOSITORY: github.api.repository,
  GITHUB_OUTPUT: '.output'
})
const deployment = async (place: Checkout, env: Record<string, string>) =>
  await place.run('node', [`${ROOT}scripts/ci/deployment.ts`], env)

describe('make deployment', () => {
  test('without a configured runner announces a temporary cluster', async () => {
    const place = checkout()
    expect(await deployment(place, {})).toMatchObject({
      status: 0, stderr: '', stdout: expect.stringContaining('DEPLOY_RUNNER is not set')
    })
    expect(place.read('infra/local.yaml')).toBeUndefined()
  })

  test('verifies both images, then writes the cluster and these images', async () => {
    const place = checkout()
    expect(await deployment(place, onRunner())).toMatchObject({
      status: 0, stderr: expect.stringMatching(/^(verify: \S+ is signed\n){2}$/)
    })
    expect(parse(place.read('infra/local.yaml')!)).toEqual({
      target: { type: 'context', context: 'prod' },
      images: {
        repository: 'ghcr.io/someone/guestbook',
        build: false,
        tags: { backend: TAG, frontend: TAG },
        digests: { backend: DIGEST, frontend: DIGEST }
      }
    })
    expect(place.calls.map(call => call.split(' ').at(-1)!.replace(/:.*/, ''))).toEqual([
      'ghcr.io/someone/guestbook/guestbook-backend',
      'ghcr.io/someone/guestbook/guestbook-frontend'
    ])
  })

  test('writes nothing when one image has no signature', async () => {
    const place = checkout(`[[ "$*" != *frontend* ]] && ${VERIFIED}`)
    expect(await deployment(place, onRunner())).toMatchObject({
      status: 1, stderr: expect.stringContaining('must not be deployed')
    })
    expect(place.read('infra/local.yaml')).toBeUndefined()
  })

  test.each([
    'services/frontend/src/app.ts',
    ...['frontend', 'backend', 'infra'].map(name => `.github/workflows/${name}-deploy.yml`)
  ])('deploys nothing when a later commit of main changes %s', async filename => {
    const place = checkout()
    github.compare = { files: [{ filename: 'README.md' }, { filename }] }
    const stdout =
      `::notice::A later commit of main changes ${filename}. Its own run deploys both.\n`
    expect(await deployment(place, onRunner())).toEqual({ status: 0, stdout, stderr: '' })
    expect(place.read('.output')).toBe('superseded=true\n')
    expect(place.read('infra/local.yaml')).toBeUndefined()
    expect(github.calls).toEqual([`GET compare/${SHA}...main`])
    expect(place.calls).toEqual([])
  })

  const OTHERS = ['README.md', 'system-tests/e2e/run.ts', '.github/workflows/e2e.yml', 'docs/x.md']
  test.each([
    ['299 other files', [...OTHERS, ...Array(295).fill('docs/y.md')].map(asFile)],
    ['no files', undefined]
  ])('deploys when later commits of main change %s', async (_, files) => {
    const place = checkout()
    github.compare = { files }
    const stdout = 'infra/local.yaml is written; make up reads it.\n'
    expect(await deployment(place, onRunner())).toMatchObject({ status: 0, stdout })
    expect(place.read('.output')).toBeUndefined()
  })

  test('deploys nothing when GitHub does not list all files', async () => {
    const files = Array.from({ length: 300 }, (_, n) => asFile(`docs/${n}.md`))
    github.compare = { ahead_by: 9, files }
    expect((await deployment(checkout(), onRunner())).stdout).toContain(
      'A later commit of main changes hundreds of files.'
    )
  })

  test('IMAGE_REPOSITORY overrides the images of the settings', async () => {
    const place = checkout()
    const settings = 'profile: full\nimages: { repository: elsewhere, tags: { backend: old } }\n'
    const env = { ...onRunner(), DEPLOY_CONFIG: settings, IMAGE_REPOSITORY: 'localhost:5000/y' }
    expect(await deployment(place, env)).toMatchObject({ status: 0 })
    expect(parse(place.read('infra/local.yaml')!)).toMatchObject({
      profile: 'full',
      images: { repository: 'localhost:5000/y', tags: { backend: TAG } }
    })
    expect(place.calls.at(-1)).toMatch(/ localhost:5000\/y\/guestbook-frontend:[0-9a-f]{12}$/)
  })

  test.each([
    [{ DEPLOY_CONFIG: '' }, 'DEPLOY_CONFIG is not: it must hold the settings'],
    [{ GITHUB_TOKEN: '' }, /^GITHUB_TOKEN must be set\n$/]
  ])('with %j it fails', async (env, problem) => {
    expect(await deployment(checkout(), { ...onRunner(), ...env })).toMatchObject({
      status: 1, stderr: expect.stringMatching(problem)
    })
  })

  test('does not overwrite settings', async () => {
    const place = checkout()
    place.write('infra/local.yaml', 'profile: full\n')
    expect(await deployment(place, onRunner())).toMatchObject({
      status: 1, stderr: 'infra/local.yaml exists and would be overwritten\n'
    })
    expect(place.read('infra/local.yaml')).toBe('profile: full\n')
  })
})

describe('make commit-tag', () => {
  /** A clone with an origin to push to. */
  function clone (cosign = VERIFIED): { place: Checkout, origin: Checkout } {
    const [place, origin] = [checkout(cosign).commitAll(), new Checkout([])]
    initRepository(origin.folder, '--bare')
    place.git('remote', 'add', 'origin', origin.folder)
    place.git('push', '--quiet', 'origin', 'main')
    return { place, origin }
  }
  const commitTag = async (place: Checkout, ...args: string[]) =>
    await place.run('node', [`${ROOT}scripts/ci/commit-tag.ts`, ...args], {
      GITHUB_REPOSITORY: 'SomeOne/Guestbook'
    })
  const onMain = (origin: Checkout, service: string) =>
    parse(origin.git('show', `main:infra/argocd/${service}.yaml`))
  const image = (service: string) => ({
    image: {
      repository: `ghcr.io/someone/guestbook/guestbook-${service}`,
      tag: TAG,
      digest: DIGEST
    }
  })

  test('pushes tag and digest of a verified image, once', async () => {
    const { place, origin } = clone()
    expect(await commitTag(place, 'backend')).toMatchObject({ status: 0 })
    expect(onMain(origin, 'backend')).toEqual(image('backend'))
    expect(origin.git('log', '--format=%s', 'main')).toMatch(
      /^Run ghcr\.io\/someone\/guestbook\/guestbook-backend:[0-9a-f]{12}\nBegin$/
    )
    expect(origin.git('log', '--format=%an <%ae>', '-1', 'main')).toBe(
      'github-actions[bot] <41898282+github-actions[bot]@users.noreply.github.com>'
    )
    expect(origin.git('show', '--name-only', '--format=', 'main')).toBe('infra/argocd/backend.yaml')

    expect((await commitTag(place, 'backend')).stdout).toMatch(/has [0-9a-f]{12} already/)
    expect(origin.git('rev-list', '--count', 'main')).toBe('2')
  })

  test('changes nothing of the file but the image, and commits nothing else', async () => {
    const { place, origin } = clone()
    place.write(
      'infra/argocd/backend.yaml',
      '# Ours.\nreplicas: 5\nimage:\n  pullPolicy: Always\n  tag: old\n'
    )
    place.write('.npmrc', 'changed')
    expect(await commitTag(place, 'backend')).toMatchObject({ status: 0 })
    expect(origin.git('show', 'main:infra/argocd/backend.yaml')).toMatch(
      /^# Ours\.\nreplicas: 5\nimage:\n/
    )
    expect(onMain(origin, 'backend')).toEqual({
      replicas: 5,
      image: { pullPolicy: 'Always', ...image('backend').image }
    })
    expect(origin.git('show', '--name-only', '--format=', 'main')).toBe('infra/argocd/backend.yaml')
  })

  test('fails when it cannot push three times', async () => {
    const { place, origin } = clone()
    origin.script('hooks/pre-receive', 'echo asked >>asked\nexit 1')
    expect(await commitTag(place, 'backend')).toMatchObject({
      status: 1, stderr: expect.stringContaining('git')
    })
    expect(origin.read('asked')).toBe('asked\n'.repeat(3))
  })

  test('pushes after another push to main', async () => {
    const { place, origin } = clone()
    const other = new Checkout([])
    other.git('clone', '--quiet', origin.folder, 'clone')
    other.write('clone/other', 'text')
    other.git('-C', 'clone', 'add', '.')
    other.git('-C', 'clone', 'commit', '--quiet', '--message', 'Other')
    other.git('-C', 'clone', 'push', '--quiet', 'origin', 'main')

    expect(await commitTag(place, 'frontend')).toMatchObject({ status: 0 })
    expect(onMain(origin, 'frontend')).toEqual(image('frontend'))
    expect(origin.git('log', '--format=%s', 'main').split('\n').slice(1)).toEqual([
      'Other',
      'Begin'
    ])
  })

  test('commits nothing for an unsigned image or an unknown service', async () => {
    const { place, origin } = clone('exit 1')
    expect(await commitTag(place, 'backend')).toMatchObject({
      status: 1, stderr: expect.stringContaining('must not be deployed')
    })
    expect(await commitTag(place, 'platform')).toMatchObject({
      status: 1, stderr: 'SERVICE is "platform"; services are backend, frontend\n'
    })
    expect(await commitTag(place)).toMatchObject({
      status: 1, stderr: 'SERVICE is ""; services are backend, frontend\n'
    })
    expect(origin.git('rev-list', '--count', 'main')).toBe('1')
  })
})
