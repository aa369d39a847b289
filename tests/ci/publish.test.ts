import { describe, expect, test } from '@jest/globals'
import { Checkout } from './checkout.ts'
import { DIGEST, VERIFIED } from './cosign.ts'
import { FILES, read } from './repository.ts'

/** Of services and charts no more than makes a tag or a name. */
const PARTS = [
  'build.sh',
  'scripts',
  'package.json',
  'package-lock.json',
  '.npmrc',
  '.dockerignore',
  'infra/package.json',
  'system-tests/package.json',
  'tests/package.json',
  ...FILES.filter(file =>
    /^(services\/[^/]+\/(package\.json|Dockerfile)|charts\/[^/]+\/Chart\.yaml)$/.test(file)
  )
]
const VERSION = JSON.parse(read('package.json')).version as string
const GITHUB = {
  GITHUB_REPOSITORY: 'Some.One/guestbook',
  GITHUB_REF_NAME: 'v1.2.3',
  GITHUB_SHA: 'c'.repeat(40)
}

/**
 * A registry as cosign sees it: what is signed is remembered by its name without tag or digest.
 * Exit codes and reasons are cosign's.
 */
const COSIGN = `name=$(sed -E "s/[@:][^/]*$//" <<<"\${@: -1}")
at=https://github.com/Some.One/guestbook/.github/workflows/
fail() { echo "$2" >&2; exit $1; }
case $1 in
  sign) echo "$name" >>signed; echo "$GITHUB_SHA" >commit ;;
  verify)
    grep -qsx "$name" signed || fail 10 "no signatures found"
    [[ "$*" != *--certificate-github-workflow-sha* || "$*" == *"-sha $(<commit) "* ]] ||
      fail 1 "expected GithubWorkflowSHA"
    [[ "$5" == "$at"* ]] || fail 1 "no matching CertificateIdentity found, got \\"$at\\""
    ${VERIFIED} ;;
  tree)
    echo "artifacts for an image:"
    if grep -qsx "$name" signed; then echo "└── artifacts via OCI referrer"
    else echo "No Supply Chain Security Related Artifacts found for image $2,"; fi ;;
esac`
const UNREACHABLE = 'echo "connection refused" >&2; exit 1'
/** While a registry withholds signatures, `cosign verify` finds none. `cosign tree` shows why. */
const withheld = (tree: string) =>
  `case $1 in verify) echo "no signatures found" >&2; exit 10 ;; tree) ${tree} ;; esac`
const NO_ARTIFACTS = 'artifacts\nNo Supply Chain Security Related Artifacts found for image\n'
const WITHHELD = {
  'the list': withheld('echo "Error: getting referrers: try later" >&2; exit 1'),
  'what it lists':
    withheld(`echo "Error fetching artifact: try later" >&2; printf "${NO_ARTIFACTS}"`),
  'their contents':
    withheld('printf "artifacts\n└── artifacts via OCI referrer: try later\n"')
}
/** Another process moves the tag after the push. */
const DOCKER = `metadata=$(sed -E "s/.*--metadata-file ([^ ]+) .*/\\1/" <<<"$*")
case "$*" in
  "buildx build"*) echo '{ "containerimage.digest": "${DIGEST}" }' >"$metadata" ;;
  "buildx imagetools"*) echo sha256:${'0'.repeat(64)} ;;
esac`
const HELM = `case $1 in push) echo "Pushed: x"; echo "Digest: ${DIGEST}" ;; esac`
const checkout = (programs: Record<string, string> = {}) =>
  new Checkout(PARTS, { docker: DOCKER, cosign: COSIGN, helm: HELM, ...programs })
const startingWith = (place: Checkout, ...starts: string[]) =>
  place.calls.filter(call => starts.some(start => call.startsWith(start)))

describe('publish-images', () => {
  test('checks for images, builds, pushes, signs the built digest and verifies', async () => {
    const place = checkout()
    const { status, stdout, stderr } = await place.run('scripts/publish-images', [], GITHUB)
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
    const calls = place.calls.map(call =>
      call
        .replace(/--metadata-file \S+/, '--metadata-file FILE')
        .replaceAll(/:[0-9a-f]{12}(?=\s|$)/g, ':HASH')
    )
    expect(calls).toEqual(
      ['backend', 'frontend'].flatMap(service => {
        const name = `ghcr.io/some.one/guestbook/guestbook-${service}`
        const identity =
          'https://github.com/Some.One/guestbook/.github/workflows/deploy.yml@refs/heads/main'
        const verify =
          'cosign verify --certificate-oidc-issuer https://token.actions.githubusercontent.com ' +
          `--certificate-identity ${identity} --certificate-github-workflow-repository ` +
          'Some.One/guestbook --certificate-github-workflow-ref refs/heads/main --output json ' +
          `${name}:HASH`
        return [
          verify,
          `cosign tree ${name}:HASH`,
          'docker buildx build --platform linux/amd64 --sbom true --provenance mode=max --push ' +
          `--metadata-file FILE --file services/${service}/Dockerfile --tag ${name}:HASH ` +
          `--build-arg VERSION=${VERSION} --build-arg REVISION=unknown .`,
          `cosign sign --yes --recursive ${name}@${DIGEST}`,
          verify
        ]
      })
    )
    expect(stderr).toMatch(
      /verify: ghcr\.io\/some\.one\/guestbook\/guestbook-frontend:[0-9a-f]{12} is signed\n$/
    )
  })

  test('of another registry are published there', async () => {
    const place = checkout()
    const env = { ...GITHUB, IMAGE_REPOSITORY: 'localhost:5000/Mine', PLATFORMS: 'linux/arm64' }
    expect(await place.run('scripts/publish-images', [], env)).toMatchObject({ status: 0 })
    expect(startingWith(place, 'docker')[0]).toMatch(
      / --platform linux\/arm64 .* --tag localhost:5000\/Mine\/guestbook-backend:[0-9a-f]{12} /
    )
    expect(startingWith(place, 'cosign sign')[1]).toBe(
      `cosign sign --yes --recursive localhost:5000/Mine/guestbook-frontend@${DIGEST}`
    )
    await place.run('scripts/publish-charts', [], env)
    expect(startingWith(place, 'helm push')[0]).toMatch(/ oci:\/\/localhost:5000\/Mine\/charts$/)
  })

  test('are not signed when the build fails', async () => {
    const place = checkout({ docker: 'exit 7' })
    expect((await place.run('scripts/publish-images', [], GITHUB)).status).toBe(1)
    expect(startingWith(place, 'cosign sign')).toEqual([])
  })

  test('of a release has the release\'s tag and every platform', async () => {
    const place = checkout()
    await place.run('scripts/publish-images', ['--release'], {
      ...GITHUB,
      PLATFORMS: 'linux/amd64,linux/arm64'
    })
    expect(startingWith(place, 'docker buildx build')[1]).toMatch(
      / linux\/amd64,linux\/arm64 .*--tag \S+some\.one\/guestbook\/guestbook-frontend:1\.2\.3 /
    )
  })

  test('skips signed images', async () => {
    const place = checkout()
    await place.run('scripts/publish-images', [], GITHUB)
    const before = startingWith(place, 'docker', 'cosign sign')
    expect(await place.run('scripts/publish-images', [], GITHUB)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^(publish: \S+ exists and is signed\n){2}$/)
    })
    expect(startingWith(place, 'docker', 'cosign sign')).toEqual(before)
  })

  test('fails when its signature cannot be verified', async () => {
    const place = checkout({
      cosign:
        'case $1 in verify) exit 10 ;; tree) printf "artifacts\\nNo Supply Chain Security ' +
        'Related Artifacts found for image\\n" ;; esac'
    })
    expect(await place.run('scripts/publish-images', [], GITHUB)).toMatchObject({
      status: 10,
      stderr: expect.stringContaining('must not be deployed')
    })
  })

  test('overwrites nothing while the registry does not answer', async () => {
    const place = checkout({ cosign: UNREACHABLE })
    expect(await place.run('scripts/publish-images', [], GITHUB)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /guestbook-backend:\S+ may exist .* not overwritten: .*: connection refused\n$/
      )
    })
    expect(startingWith(place, 'docker')).toEqual([])
  })
})

test.each(Object.entries(WITHHELD))(
  'nothing is overwritten while signatures cannot be read: %s',
  async (_what, cosign) => {
    const place = checkout({ cosign })
    for (const script of ['publish-images', 'publish-charts']) {
      expect(await place.run(`scripts/${script}`, [], GITHUB)).toMatchObject({
        status: 1,
        stderr: expect.stringMatching(
          /guestbook-backend:\S+ may exist .* not overwritten: [^]*no signatures [^]*try later/
        )
      })
    }
    expect(startingWith(place, 'docker', 'helm')).toEqual([])
  }
)

test('a version is not released again from another commit', async () => {
  const place = checkout()
  await place.run('scripts/publish-images', ['--release'], GITHUB)
  await place.run('scripts/publish-charts', [], GITHUB)
  const before = startingWith(place, 'docker', 'helm', 'cosign sign')
  for (const args of [['publish-images', '--release'], ['publish-charts']]) {
    expect(
      await place.run(`scripts/${args[0]}`, args.slice(1), {
        ...GITHUB,
        GITHUB_SHA: 'e'.repeat(40)
      })
    ).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/is not overwritten: .*expected GithubWorkflowSHA\n$/)
    })
  }
  expect(startingWith(place, 'docker', 'helm', 'cosign sign')).toEqual(before)
  // The same content may well come from another commit.
  await place.run('scripts/publish-images', [], GITHUB)
  expect(
    await place.run('scripts/publish-images', [], { ...GITHUB, GITHUB_SHA: 'e'.repeat(40) })
  ).toMatchObject({ status: 0 })
})

describe('publish-charts', () => {
  test('packages, pushes, signs and verifies every chart', async () => {
    const place = checkout()
    expect(await place.run('scripts/publish-charts', [], GITHUB)).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/^(verify: \S+:1\.2\.3 is signed\n){3}$/)
    })
    expect(startingWith(place, 'cosign sign')).toEqual(
      ['backend', 'frontend', 'mongodb'].map(
        name => `cosign sign --yes ghcr.io/some.one/guestbook/charts/guestbook-${name}@${DIGEST}`
      )
    )
    const calls = place.calls.map(call =>
      call.replaceAll(/\/\S*\/tmp\.\w+|\/tmp\/\S+?(?=\/|$)/g, 'FOLDER')
    )
    expect(calls.filter(call => call.startsWith('helm'))).toEqual(
      ['backend', 'frontend', 'mongodb'].flatMap(name => [
        `helm package charts/guestbook-${name}/ --destination FOLDER`,
        `helm push FOLDER/guestbook-${name}-1.2.3.tgz oci://ghcr.io/some.one/guestbook/charts`
      ])
    )
    expect(calls.filter(call => call.startsWith('cosign verify'))).toHaveLength(6)
    for (const call of startingWith(place, 'cosign verify')) {
      expect(call).toContain(`--certificate-github-workflow-sha ${'c'.repeat(40)} `)
    }
  })

  test('skips signed charts, because packing them again would change their digest', async () => {
    const place = checkout()
    await place.run('scripts/publish-charts', [], GITHUB)
    const before = startingWith(place, 'helm', 'cosign sign')
    expect(await place.run('scripts/publish-charts', [], GITHUB)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^(publish: \S+:1\.2\.3 exists and is signed\n){3}$/)
    })
    expect(startingWith(place, 'helm', 'cosign sign')).toEqual(before)
  })

  test('overwrites nothing while the registry does not answer', async () => {
    const place = checkout({ cosign: UNREACHABLE })
    expect(await place.run('scripts/publish-charts', [], GITHUB)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /guestbook-backend:1\.2\.3 may exist .* not overwritten: .*: connection refused\n$/
      )
    })
    expect(startingWith(place, 'helm')).toEqual([])
  })

  test('says why a push failed, and what it may lack', async () => {
    const place = checkout({ helm: 'case $1 in push) echo "Error: denied" >&2; exit 1 ;; esac' })
    expect(await place.run('scripts/publish-charts', [], GITHUB)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /cannot push guestbook-backend with this login: Error: denied\n$/
      )
    })
    expect(startingWith(place, 'cosign sign')).toEqual([])
  })

  test('fails when the registry names no digest, since then there is nothing to sign', async () => {
    const place = checkout({ helm: 'test $1 != push || echo denied' })
    expect(await place.run('scripts/publish-charts', [], GITHUB)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('printed no digest of guestbook-backend')
    })
    expect(startingWith(place, 'cosign sign')).toEqual([])
  })
})

test.each([
  ['publish-images', ['GITHUB_REPOSITORY'], []],
  ['publish-images', ['GITHUB_REPOSITORY', 'GITHUB_REF_NAME', 'GITHUB_SHA'], ['--release']],
  ['publish-charts', ['GITHUB_REPOSITORY', 'GITHUB_REF_NAME', 'GITHUB_SHA'], []],
  ['try-release', ['GITHUB_REPOSITORY', 'GITHUB_REF_NAME'], []]
])('%s does nothing without each of %j', async (script, needed, args) => {
  for (const name of needed) {
    for (const without of [
      Object.fromEntries(Object.entries(GITHUB).filter(([other]) => other !== name)),
      { ...GITHUB, [name]: '' }
    ]) {
      const place = new Checkout(['build.sh', 'scripts'], { docker: '', cosign: '', helm: '' })
      const { status, stderr } = await place.run(`scripts/${script}`, args, without)
      expect({ name, fails: status !== 0, stderr, calls: place.calls }).toEqual({
        name,
        fails: true,
        stderr: expect.stringContaining(`${name}: must be`),
        calls: []
      })
    }
  }
})

describe('verify-image', () => {
  const alone = (cosign: string) => new Checkout(['scripts/verify-image'], { cosign })
  const WHO =
    'cosign verify --certificate-oidc-issuer https://token.actions.githubusercontent.com ' +
    '--certificate-identity https://github.com/Some.One/guestbook/.github/workflows'
  const WHERE =
    '--certificate-github-workflow-repository Some.One/guestbook --certificate-github-workflow-ref'
  test.each([
    ['ghcr.io/x:4f0c1a2b3d4e', 'deploy.yml', 'refs/heads/main'],
    ['ghcr.io:443/x', 'deploy.yml', 'refs/heads/main'],
    ['ghcr.io/x:1.2.3-rc1', 'deploy.yml', 'refs/heads/main'],
    ['ghcr.io/x:1.2', 'deploy.yml', 'refs/heads/main'],
    ['ghcr.io/x:11.2.3.4', 'deploy.yml', 'refs/heads/main'],
    ['ghcr.io/x:1.2.3', 'release.yml', 'refs/tags/v1.2.3'],
    ['ghcr.io:443/x/y:10.20.30', 'release.yml', 'refs/tags/v10.20.30'],
    [`ghcr.io/x:1.2.3@${DIGEST}`, 'release.yml', 'refs/tags/v1.2.3']
  ])(
    'of %s asks for the signature of %s at %s, run there by our repository',
    async (image, workflow, ref) => {
      const place = alone(VERIFIED)
      expect(await place.run('scripts/verify-image', [image], GITHUB)).toMatchObject({
        status: 0,
        stderr: `verify: ${image} is signed\n`
      })
      expect(place.calls).toEqual([
        `${WHO}/${workflow}@${ref} ${WHERE} ${ref} --output json ${image}`
      ])
    }
  )

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
  const fork = { GITHUB_HEAD_REF: 'topic', GITHUB_BASE_REF: 'release', GITHUB_ACTOR: 'mallory' }
  test.each([
    ['a branch', runOf('refs/heads/topic', 'topic')],
    ['main', runOf('refs/heads/main', 'main')],
    ['a pull request', runOf('refs/pull/7/merge', '7/merge', fork)],
    ['another tag', runOf('refs/tags/v9.9.9', 'v9.9.9')]
  ])('asks for the same signatures in a run of %s', async (_, env) => {
    const place = alone(VERIFIED)
    for (const image of ['ghcr.io/x:4f0c1a2b3d4e', 'ghcr.io/x:1.2.3']) {
      expect(await place.run('scripts/verify-image', [image], env)).toMatchObject({ status: 0 })
    }
    expect(place.calls).toEqual([
      `${WHO}/deploy.yml@refs/heads/main ${WHERE} refs/heads/main --output json ` +
      'ghcr.io/x:4f0c1a2b3d4e',
      `${WHO}/release.yml@refs/tags/v1.2.3 ${WHERE} refs/tags/v1.2.3 --output json ghcr.io/x:1.2.3`
    ])
  })

  test('asks for the commit where one is given', async () => {
    const place = alone(VERIFIED)
    await place.run('scripts/verify-image', ['ghcr.io/x:1.2.3'], { ...GITHUB, COMMIT: 'abc' })
    expect(place.calls[0]).toContain(' --certificate-github-workflow-sha abc --output json ')
  })

  test('says which digest was verified, whatever the image was called by', async () => {
    const place = alone(VERIFIED)
    for (const image of ['ghcr.io:443/x:1', 'ghcr.io:443/x']) {
      expect((await place.run('scripts/verify-image', [image], GITHUB)).stdout).toBe(
        `${image}@${DIGEST}\n`
      )
    }
    expect(
      (await place.run('scripts/verify-image', [`ghcr.io/x:1@${DIGEST}`], GITHUB)).stdout
    ).toBe(`ghcr.io/x:1@${DIGEST}\n`)
  })

  test('a verification without a digest is rejected, because a deployment needs it', async () => {
    expect(await alone('echo "[]"').run('scripts/verify-image', ['ghcr.io/x:1'], GITHUB)).toEqual(
      { status: 1, stdout: '', stderr: 'verify: cosign printed no digest of ghcr.io/x:1\n' }
    )
  })

  test.each([
    ['of somebody else', 1, 'echo "no matching CertificateIdentity" >&2; exit 1'],
    ['that is not there', 11, 'echo "manifest unknown" >&2; exit 11'],
    ['that a signal kept from being verified', 143, 'kill $$']
  ])('an image %s is refused with the exit code %i', async (_, status, cosign) => {
    const result = await alone(cosign).run('scripts/verify-image', ['ghcr.io/x:1'], GITHUB)
    expect(result).toMatchObject({
      status,
      stdout: '',
      stderr: expect.stringContaining('must not be deployed')
    })
  })

  test.each(['sha256:abc', `sha512:${'d'.repeat(64)}`, 'D'.repeat(64)])(
    '"%s" is no digest',
    async digest => {
      const cosign = `echo '[{"critical":{"image":{"docker-manifest-digest":"${digest}"}}}]'`
      expect(
        await alone(cosign).run('scripts/verify-image', ['ghcr.io/x:1'], GITHUB)
      ).toMatchObject({ status: 1, stdout: '' })
    }
  )

  test('an image without a signature is refused with cosign\'s reason and exit code', async () => {
    expect(await alone(COSIGN).run('scripts/verify-image', ['ghcr.io/x:1'], GITHUB)).toEqual({
      status: 10,
      stdout: '',
      stderr:
        'verify: ghcr.io/x:1 must not be deployed: not signed by deploy.yml of ' +
        'Some.One/guestbook at refs/heads/main: no signatures found\n'
    })
  })

  test.each(['', 'guestbook', 'a/b/c', 'a/b$', '/b', 'a/', 'https://a/b'])(
    'the repository "%s" is refused',
    async repository => {
      expect(
        await alone(COSIGN).run('scripts/verify-image', ['ghcr.io/x:1'], {
          GITHUB_REPOSITORY: repository
        })
      ).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('set GITHUB_REPOSITORY to owner/name')
      })
    }
  )
})

describe('try-release', () => {
  test('verifies all, then installs from the registry and tests', async () => {
    const place = checkout()
    await place.run('scripts/publish-images', ['--release'], GITHUB)
    await place.run('scripts/publish-charts', [], GITHUB)
    const before = place.calls.length
    expect(await place.run('scripts/try-release', [], GITHUB)).toMatchObject({ status: 0 })
    const calls = place.calls.slice(before).map(call => call.replace(/^(cosign verify) .* /, '$1 '))
    const registry = 'ghcr.io/some.one/guestbook'
    const install = (name: string) =>
      `helm install guestbook-${name} oci://${registry}/charts/guestbook-${name} --version 1.2.3 ` +
      '--namespace guestbook --create-namespace --wait --timeout 5m'
    expect(calls).toEqual([
      ...[
        'guestbook-backend',
        'guestbook-frontend',
        'charts/guestbook-mongodb',
        'charts/guestbook-backend',
        'charts/guestbook-frontend',
        'guestbook-backend'
      ].map(name => `cosign verify ${registry}/${name}:1.2.3`),
      install('mongodb'),
      `${install('backend')} --set image.repository=${registry}/guestbook-backend`,
      `${install('frontend')} --set image.repository=${registry}/guestbook-frontend`,
      'helm test guestbook-frontend --namespace guestbook'
    ])
    // The last one asks for the signature of somebody else, and must be refused.
    expect(place.calls.slice(before)[5]).toContain(
      'https://github.com/somebody/else/.github/workflows/release.yml@refs/tags/v1.2.3'
    )
  })

  const SILENT_TO_OTHERS = `[[ "$5" == *Some* ]] || { ${UNREACHABLE}; }; ${VERIFIED}`
  test.each([
    ['one signature is missing', COSIGN, 'no signatures found'],
    [
      'an image of ours passes for one of somebody else',
      VERIFIED,
      'verify-image accepts another repository'
    ],
    [
      "nobody answers just when somebody else's is refused",
      SILENT_TO_OTHERS,
      'connection refused'
    ]
  ])('installs nothing when %s', async (_, cosign, reason) => {
    const place = checkout({ cosign })
    const { status, stderr } = await place.run('scripts/try-release', [], GITHUB)
    expect([status > 0, stderr]).toEqual([true, expect.stringContaining(reason)])
    expect(startingWith(place, 'helm')).toEqual([])
  })
})

test.each(['publish-images', 'publish-charts', 'try-release', 'verify-image'])(
  '%s has help, and refuses what it does not know',
  async script => {
    const place = new Checkout(['scripts'])
    expect(await place.run(`scripts/${script}`, ['--help'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`Usage: scripts/${script}`)
    })
    expect(await place.run(`scripts/${script}`, ['--fast'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Usage:')
    })
  }
)
