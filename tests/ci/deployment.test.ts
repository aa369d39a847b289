import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { Checkout, initRepository } from './checkout.ts'
import { DIGEST, VERIFIED } from './cosign.ts'
import { startGitHub, type StandIn } from './github-stand-in.ts'
import { FILES, ROOT } from './repository.ts'

/** Of the services no more than makes a tag. */
const PARTS = ['build.sh', 'scripts/verify-image', 'package.json', 'package-lock.json', '.npmrc',
  '.dockerignore', 'infra/package.json', 'tests/package.json', '.github',
  ...FILES.filter(file => /^services\/[^/]+\/(package\.json|Dockerfile)$/.test(file))]
const CONFIG = 'target:\n  type: context\n  context: prod\nimages:\n  build: true\n'
const SHA = 'a'.repeat(40)

let github: StandIn
beforeEach(async () => { github = await startGitHub() })
afterEach(async () => { await github.stop() })

const checkout = (cosign = VERIFIED) => new Checkout(PARTS, { cosign })
const onRunner = () => ({
  DEPLOY_RUNNER: 'cluster', DEPLOY_CONFIG: CONFIG, GITHUB_SHA: SHA, GITHUB_API_URL: github.api.url, GITHUB_TOKEN: github.api.token, GITHUB_REPOSITORY: github.api.repository, GITHUB_OUTPUT: '.output'
})
const deployment = async (place: Checkout, env: Record<string, string>) => await place.run('node', [`${ROOT}scripts/ci/deployment.ts`], env)

describe('make deployment', () => {
  test('without a configured runner says that it is a proof on a cluster that does not last', async () => {
    const place = checkout()
    expect(await deployment(place, {})).toMatchObject({ status: 0, stderr: '', stdout: expect.stringContaining('DEPLOY_RUNNER is not set') })
    expect(place.read('infra/local.yaml')).toBeUndefined()
  })

  test('verifies both images and then writes where to, and exactly these', async () => {
    const place = checkout()
    expect(await deployment(place, onRunner())).toMatchObject({ status: 0, stderr: expect.stringMatching(/^(verify: \S+ is signed\n){2}$/) })
    expect(parse(place.read('infra/local.yaml')!)).toEqual({
      target: { type: 'context', context: 'prod' },
      images: {
        repository: 'ghcr.io/someone/guestbook',
        build: false,
        tags: { backend: expect.stringMatching(/^[0-9a-f]{12}$/), frontend: expect.stringMatching(/^[0-9a-f]{12}$/) },
        digests: { backend: DIGEST, frontend: DIGEST }
      }
    })
    expect(place.calls.map(call => call.split(' ').at(-1)!.replace(/:.*/, ''))).toEqual(['ghcr.io/someone/guestbook/guestbook-backend', 'ghcr.io/someone/guestbook/guestbook-frontend'])
  })

  test('writes nothing when one image has no signature', async () => {
    const place = checkout(`[[ "$*" != *frontend* ]] && ${VERIFIED}`)
    expect(await deployment(place, onRunner())).toMatchObject({ status: 1, stderr: expect.stringContaining('must not be deployed') })
    expect(place.read('infra/local.yaml')).toBeUndefined()
  })

  test('steps back when a later commit of main deploys too, and only then', async () => {
    const place = checkout()
    github.compare = { ahead_by: 1, files: [{ filename: 'services/frontend/src/app.ts' }] }
    expect((await deployment(place, onRunner())).stdout).toContain('A later commit of main changes services/frontend/src/app.ts.')
    expect([place.read('.output'), place.read('infra/local.yaml')]).toEqual(['superseded=true\n', undefined])

    github.compare = { ahead_by: 1, files: [{ filename: 'README.md' }] }
    expect(await deployment(place, onRunner())).toMatchObject({ status: 0, stdout: expect.stringContaining('infra/local.yaml is written') })
  })

  test('steps back when GitHub does not list all files', async () => {
    github.compare = { ahead_by: 9, files: Array.from({ length: 300 }, (_, n) => ({ filename: `docs/${n}.md` })) }
    expect((await deployment(checkout(), onRunner())).stdout).toContain('A later commit of main changes hundreds of files.')
  })

  test('refuses to guess what it is not told, and to overwrite settings', async () => {
    const place = checkout()
    expect(await deployment(place, { ...onRunner(), DEPLOY_CONFIG: '' })).toMatchObject({ status: 1, stderr: expect.stringContaining('DEPLOY_CONFIG is not: it must hold the settings') })
    expect(await deployment(place, { ...onRunner(), GITHUB_TOKEN: '' })).toMatchObject({ status: 1, stderr: 'GITHUB_TOKEN must be set, as a workflow has them\n' })
    place.write('infra/local.yaml', 'profile: full\n')
    expect(await deployment(place, onRunner())).toMatchObject({ status: 1, stderr: 'infra/local.yaml is there already, and would be overwritten\n' })
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
  const commitTag = async (place: Checkout, service: string) => await place.run('node', [`${ROOT}scripts/ci/commit-tag.ts`, service], { GITHUB_REPOSITORY: 'someone/guestbook' })
  const onMain = (origin: Checkout, service: string) => parse(origin.git('show', `main:infra/argocd/${service}.yaml`))
  const image = (service: string) => ({ image: { repository: `ghcr.io/someone/guestbook/guestbook-${service}`, tag: expect.stringMatching(/^[0-9a-f]{12}$/), digest: DIGEST } })

  test('pushes tag and digest of a verified image, once', async () => {
    const { place, origin } = clone()
    expect(await commitTag(place, 'backend')).toMatchObject({ status: 0 })
    expect(onMain(origin, 'backend')).toEqual(image('backend'))
    expect(origin.git('log', '--format=%s', 'main')).toMatch(/^Run ghcr\.io\/someone\/guestbook\/guestbook-backend:[0-9a-f]{12}\nBegin$/)

    expect((await commitTag(place, 'backend')).stdout).toMatch(/names [0-9a-f]{12} already/)
    expect(origin.git('rev-list', '--count', 'main')).toBe('2')
  })

  test('goes on when somebody else has pushed meanwhile', async () => {
    const { place, origin } = clone()
    const other = new Checkout([])
    other.git('clone', '--quiet', origin.folder, 'clone')
    other.write('clone/other', 'text')
    for (const args of [['add', '.'], ['commit', '--quiet', '--message', 'Other'], ['push', '--quiet', 'origin', 'main']]) other.git('-C', 'clone', ...args)

    expect(await commitTag(place, 'frontend')).toMatchObject({ status: 0 })
    expect(onMain(origin, 'frontend')).toEqual(image('frontend'))
    expect(origin.git('log', '--format=%s', 'main').split('\n').slice(1)).toEqual(['Other', 'Begin'])
  })

  test('commits nothing for an image without a signature, nor for a service that is none', async () => {
    const { place, origin } = clone('exit 1')
    expect(await commitTag(place, 'backend')).toMatchObject({ status: 1, stderr: expect.stringContaining('must not be deployed') })
    expect(await commitTag(place, 'platform')).toMatchObject({ status: 1, stderr: 'SERVICE is "platform"; it can be backend or frontend\n' })
    expect(origin.git('rev-list', '--count', 'main')).toBe('1')
  })
})
