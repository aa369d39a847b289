import { expect, test } from '@jest/globals'
import { Checkout } from './checkout.ts'
import { COSIGN, DIGEST, GITHUB, VERIFIED, verified, verifyCall } from './cosign.ts'

async function verify (image: string, cosign = VERIFIED, env: Record<string, string> = GITHUB) {
  const place = new Checkout(['scripts/verify-image'], { cosign })
  const result = await place.run('scripts/verify-image', [image], env)
  return { ...result, calls: place.calls }
}

test.each([
  ['ghcr.io/x:4f0c1a2b3d4e', 'deploy.yml', 'refs/heads/main'],
  ['ghcr.io:443/x', 'deploy.yml', 'refs/heads/main'],
  ['ghcr.io/x:1.2.3-rc1', 'deploy.yml', 'refs/heads/main'],
  ['ghcr.io/x:1.2', 'deploy.yml', 'refs/heads/main'],
  ['ghcr.io/x:11.2.3.4', 'deploy.yml', 'refs/heads/main'],
  ['ghcr.io/x:1.2.3', 'release.yml', 'refs/tags/v1.2.3'],
  ['ghcr.io:443/x/y:10.20.30', 'release.yml', 'refs/tags/v10.20.30'],
  [`ghcr.io/x:1.2.3@${DIGEST}`, 'release.yml', 'refs/tags/v1.2.3']
])('%s needs a signature of %s at %s of this repository', async (image, workflow, ref) => {
  expect(await verify(image)).toMatchObject({
    status: 0,
    stderr: `verify: ${image} is signed\n`,
    calls: [verifyCall(image, workflow, ref)]
  })
})

/** What GitHub sets in a run of a branch, a pull request, a fork's pull request, another tag. */
const runOf = (ref: string, name: string, more: Record<string, string> = {}) => ({
  ...GITHUB,
  GITHUB_REF: ref,
  GITHUB_REF_NAME: name,
  GITHUB_REF_TYPE: ref.split('/')[1]!.replace(/s$/, ''),
  GITHUB_WORKFLOW_REF: `Some.One/guestbook/.github/workflows/own.yml@${ref}`,
  GITHUB_WORKFLOW: 'own',
  GITHUB_ACTOR: 'mallory',
  GITHUB_REPOSITORY_OWNER: 'Some.One',
  ...more
})
const FORK = { GITHUB_HEAD_REF: 'topic', GITHUB_BASE_REF: 'release', GITHUB_ACTOR: 'mallory' }
test.each([
  ['a branch', runOf('refs/heads/topic', 'topic')],
  ['main', runOf('refs/heads/main', 'main')],
  ['a pull request', runOf('refs/pull/7/merge', '7/merge', FORK)],
  ['another tag', runOf('refs/tags/v9.9.9', 'v9.9.9')]
])('a run of %s needs the same signatures', async (_, env) => {
  const [content, release] = ['ghcr.io/x:4f0c1a2b3d4e', 'ghcr.io/x:1.2.3']
  expect(await verify(content, VERIFIED, env)).toMatchObject({
    status: 0, calls: [verifyCall(content)]
  })
  expect(await verify(release, VERIFIED, env)).toMatchObject({
    status: 0, calls: [verifyCall(release, 'release.yml', 'refs/tags/v1.2.3')]
  })
})

test('COMMIT requires a signature for that commit', async () => {
  const { calls } = await verify('ghcr.io/x:1.2.3', VERIFIED, { ...GITHUB, COMMIT: 'abc' })
  expect(calls[0]).toContain(' --certificate-github-workflow-sha abc --output json ')
})

test.each(['ghcr.io:443/x:1', 'ghcr.io:443/x', `ghcr.io/x:1@${DIGEST}`])(
  '%s is printed with the verified digest', async image => {
    expect((await verify(image)).stdout).toBe(`${image.split('@')[0]}@${DIGEST}\n`)
  }
)

const unsigned = (reason: string) =>
  'verify: ghcr.io/x:1 must not be deployed: not signed by deploy.yml of Some.One/guestbook at ' +
  `refs/heads/main: ${reason}\n`
const WITHOUT_DIGEST = 'verify: cosign printed no digest of ghcr.io/x:1\n'
test.each([
  ['no signature', 10, COSIGN, unsigned('no signatures found')],
  ['a signature of somebody else', 1, 'echo "no match" >&2; exit 1', unsigned('no match')],
  ['no image', 11, 'echo "manifest unknown" >&2; exit 11', unsigned('manifest unknown')],
  ['a verification that a signal ends', 143, 'kill $$', unsigned('')],
  ['no digest', 1, 'echo "[]"', WITHOUT_DIGEST],
  ...['sha256:abc', `sha512:${'d'.repeat(64)}`, 'D'.repeat(64)].map(
    digest => [`the digest ${digest}`, 1, verified(digest), WITHOUT_DIGEST] as const
  )
])('%s fails with the exit code %i', async (_, status, cosign, stderr) => {
  expect(await verify('ghcr.io/x:1', cosign)).toMatchObject({ status, stdout: '', stderr })
})

test.each(['', 'guestbook', 'a/b/c', 'a/b$', '/b', 'a/', 'https://a/b'])(
  'the repository "%s" is invalid', async repository => {
    expect(await verify('ghcr.io/x:1', COSIGN, { GITHUB_REPOSITORY: repository })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('set GITHUB_REPOSITORY to owner/name')
    })
  }
)
