/** scripts/publish-images, publish-charts and try-release. */
import { describe, expect, test } from '@jest/globals'
import { BUILD_SOURCES, Checkout } from './checkout.ts'
import { COSIGN, DIGEST, GITHUB, VERIFIED, verifyCall } from './cosign.ts'
import { FILES, read } from './repository.ts'

const PARTS = [
  ...BUILD_SOURCES,
  'scripts',
  ...FILES.filter(file => /^charts\/[^/]+\/Chart\.yaml$/.test(file))
]
const VERSION = JSON.parse(read('package.json')).version as string
const REGISTRY = 'ghcr.io/some.one/guestbook'
const OTHER_COMMIT = { GITHUB_SHA: 'e'.repeat(40) }

const UNREACHABLE = 'echo "connection refused" >&2; exit 1'
/** While a registry withholds signatures, `cosign verify` finds none. `cosign tree` shows why. */
const withheld = (tree: string) =>
  `case $1 in verify) echo "no signatures found" >&2; exit 10 ;; tree) ${tree} ;; esac`
const NO_ARTIFACTS = 'artifacts\nNo Supply Chain Security Related Artifacts found for image\n'
/** Another process moves the tag after the push. */
const DOCKER = `metadata=$(sed -E "s/.*--metadata-file ([^ ]+) .*/\\1/" <<<"$*")
case "$*" in
  "buildx build"*) echo '{ "containerimage.digest": "${DIGEST}" }' >"$metadata" ;;
  "buildx imagetools"*) echo sha256:${'0'.repeat(64)} ;;
esac`
const HELM = `case $1 in push) echo "Pushed: x"; echo "Digest: ${DIGEST}" ;; esac`

const checkout = (programs: Record<string, string> = {}) =>
  new Checkout(PARTS, { docker: DOCKER, cosign: COSIGN, helm: HELM, ...programs })
/** Runs a script, such as `publish-images --release`. */
async function run (place: Checkout, command: string, env: Record<string, string> = {}) {
  const [script, ...args] = command.split(' ')
  return await place.run(`scripts/${script}`, args, { ...GITHUB, ...env })
}
const startingWith = (place: Checkout, ...starts: string[]) =>
  place.calls.filter(call => starts.some(start => call.startsWith(start)))
const published = (place: Checkout) => startingWith(place, 'docker', 'helm', 'cosign sign')

test('publish-images builds, pushes, signs the built digest and verifies', async () => {
  const place = checkout()
  const { status, stdout, stderr } = await run(place, 'publish-images')
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
  const calls = place.calls.map(call =>
    call
      .replace(/--metadata-file \S+/, '--metadata-file FILE')
      .replaceAll(/:[0-9a-f]{12}(?=\s|$)/g, ':HASH')
  )
  expect(calls).toEqual(
    ['backend', 'frontend'].flatMap(service => {
      const name = `${REGISTRY}/guestbook-${service}`
      return [
        verifyCall(`${name}:HASH`),
        `cosign tree ${name}:HASH`,
        'docker buildx build --platform linux/amd64 --sbom true --provenance mode=max --push ' +
        `--metadata-file FILE --file services/${service}/Dockerfile --tag ${name}:HASH ` +
        `--build-arg VERSION=${VERSION} --build-arg REVISION=unknown .`,
        `cosign sign --yes --recursive ${name}@${DIGEST}`,
        verifyCall(`${name}:HASH`)
      ]
    })
  )
  expect(stderr).toMatch(
    /verify: ghcr\.io\/some\.one\/guestbook\/guestbook-frontend:[0-9a-f]{12} is signed\n$/
  )
})

test('publish-charts packages, pushes, signs and verifies every chart', async () => {
  const place = checkout()
  expect(await run(place, 'publish-charts')).toMatchObject({
    status: 0,
    stderr: expect.stringMatching(/^(verify: \S+:1\.2\.3 is signed\n){3}$/)
  })
  const names = ['backend', 'frontend', 'mongodb']
  expect(startingWith(place, 'cosign sign')).toEqual(
    names.map(name => `cosign sign --yes ${REGISTRY}/charts/guestbook-${name}@${DIGEST}`)
  )
  const calls = startingWith(place, 'helm').map(call =>
    call.replaceAll(/\/\S*\/tmp\.\w+|\/tmp\/\S+?(?=\/|$)/g, 'FOLDER')
  )
  expect(calls).toEqual(
    names.flatMap(name => [
      `helm package charts/guestbook-${name}/ --destination FOLDER`,
      `helm push FOLDER/guestbook-${name}-1.2.3.tgz oci://${REGISTRY}/charts`
    ])
  )
  const verifications = startingWith(place, 'cosign verify')
  expect(verifications).toHaveLength(6)
  for (const call of verifications) {
    expect(call).toContain(`--certificate-github-workflow-sha ${'c'.repeat(40)} `)
  }
})

test('IMAGE_REPOSITORY is another registry for images and charts', async () => {
  const place = checkout()
  const env = { IMAGE_REPOSITORY: 'localhost:5000/Mine', PLATFORMS: 'linux/arm64' }
  expect(await run(place, 'publish-images', env)).toMatchObject({ status: 0 })
  expect(startingWith(place, 'docker')[0]).toMatch(
    / --platform linux\/arm64 .* --tag localhost:5000\/Mine\/guestbook-backend:[0-9a-f]{12} /
  )
  expect(startingWith(place, 'cosign sign')[1]).toBe(
    `cosign sign --yes --recursive localhost:5000/Mine/guestbook-frontend@${DIGEST}`
  )
  await run(place, 'publish-charts', env)
  expect(startingWith(place, 'helm push')[0]).toMatch(/ oci:\/\/localhost:5000\/Mine\/charts$/)
})

test('the images of a release have its version and all platforms', async () => {
  const place = checkout()
  await run(place, 'publish-images --release', { PLATFORMS: 'linux/amd64,linux/arm64' })
  expect(startingWith(place, 'docker buildx build')[1]).toMatch(
    / linux\/amd64,linux\/arm64 .*--tag \S+some\.one\/guestbook\/guestbook-frontend:1\.2\.3 /
  )
})

test.each([
  ['publish-images', /^(publish: \S+ exists and is signed\n){2}$/],
  ['publish-charts', /^(publish: \S+:1\.2\.3 exists and is signed\n){3}$/]
])('%s skips what is signed, because another build has another digest', async (script, stdout) => {
  const place = checkout()
  await run(place, script)
  const before = published(place)
  expect(await run(place, script)).toMatchObject({
    status: 0, stdout: expect.stringMatching(stdout)
  })
  expect(published(place)).toEqual(before)
})

test('a version is not released again from another commit', async () => {
  const place = checkout()
  const scripts = ['publish-images --release', 'publish-charts']
  for (const script of scripts) await run(place, script)
  const before = published(place)
  for (const script of scripts) {
    expect(await run(place, script, OTHER_COMMIT)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/is not overwritten: .*expected GithubWorkflowSHA\n$/)
    })
  }
  expect(published(place)).toEqual(before)
  // Another commit may have the same content.
  await run(place, 'publish-images')
  expect(await run(place, 'publish-images', OTHER_COMMIT)).toMatchObject({ status: 0 })
})

test.each([
  ['the registry does not answer', UNREACHABLE, '.*: connection refused\n$'],
  [
    'the list of signatures is unreadable',
    withheld('echo "Error: getting referrers: try later" >&2; exit 1'),
    '[^]*no signatures [^]*try later'
  ],
  [
    'a listed artifact is unreadable',
    withheld(`echo "Error fetching artifact: try later" >&2; printf "${NO_ARTIFACTS}"`),
    '[^]*no signatures [^]*try later'
  ],
  [
    'the content of an artifact is unreadable',
    withheld('printf "artifacts\n└── artifacts via OCI referrer: try later\n"'),
    '[^]*no signatures [^]*try later'
  ]
])('nothing is overwritten while %s', async (_, cosign, reason) => {
  const place = checkout({ cosign })
  for (const [script, tag] of [['publish-images', '\\w{12}'], ['publish-charts', '1\\.2\\.3']]) {
    expect(await run(place, script!)).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        RegExp(`guestbook-backend:${tag} may exist .* not overwritten: ${reason}`)
      )
    })
  }
  expect(published(place)).toEqual([])
})

test.each([
  ['a build fails', 'publish-images', { docker: 'exit 7' }, /^build: \S+:\w{12}\n$/],
  [
    'a push fails',
    'publish-charts',
    { helm: 'case $1 in push) echo "Error: denied" >&2; exit 1 ;; esac' },
    /cannot push guestbook-backend with this login: Error: denied\n$/
  ],
  [
    'the registry prints no digest',
    'publish-charts',
    { helm: 'test $1 != push || echo denied' },
    /printed no digest of guestbook-backend/
  ]
])('nothing is signed when %s', async (_, script, programs, reason) => {
  const place = checkout(programs)
  expect(await run(place, script)).toMatchObject({
    status: 1, stderr: expect.stringMatching(reason)
  })
  expect(startingWith(place, 'cosign sign')).toEqual([])
})

test('publish-images fails when its own signature is invalid', async () => {
  const cosign = `case $1 in verify) exit 10 ;; tree) printf "${NO_ARTIFACTS}" ;; esac`
  expect(await run(checkout({ cosign }), 'publish-images')).toMatchObject({
    status: 10,
    stderr: expect.stringContaining('must not be deployed')
  })
})

test.each([
  ['publish-images', ['GITHUB_REPOSITORY']],
  ['publish-images --release', ['GITHUB_REPOSITORY', 'GITHUB_REF_NAME', 'GITHUB_SHA']],
  ['publish-charts', ['GITHUB_REPOSITORY', 'GITHUB_REF_NAME', 'GITHUB_SHA']],
  ['try-release', ['GITHUB_REPOSITORY', 'GITHUB_REF_NAME']]
])('%s does nothing without each of %j', async (command, needed) => {
  const [script, ...args] = command.split(' ')
  for (const name of needed) {
    const { [name]: _, ...others } = GITHUB as Record<string, string>
    for (const env of [others, { ...GITHUB, [name]: '' }]) {
      const place = new Checkout(['build.sh', 'scripts'], { docker: '', cosign: '', helm: '' })
      const { status, stderr } = await place.run(`scripts/${script}`, args, env)
      expect({ name, fails: status !== 0, stderr, calls: place.calls }).toEqual({
        name,
        fails: true,
        stderr: expect.stringContaining(`${name}: must be`),
        calls: []
      })
    }
  }
})

describe('try-release', () => {
  test('verifies all, then installs from the registry and tests', async () => {
    const place = checkout()
    await run(place, 'publish-images --release')
    await run(place, 'publish-charts')
    const before = place.calls.length
    expect(await run(place, 'try-release')).toMatchObject({ status: 0 })
    const calls = place.calls.slice(before)
    const install = (name: string) =>
      `helm install guestbook-${name} oci://${REGISTRY}/charts/guestbook-${name} --version 1.2.3 ` +
      '--namespace guestbook --create-namespace --wait --timeout 5m'
    expect(calls.map(call => call.replace(/^(cosign verify) .* /, '$1 '))).toEqual([
      ...[
        'guestbook-backend',
        'guestbook-frontend',
        'charts/guestbook-mongodb',
        'charts/guestbook-backend',
        'charts/guestbook-frontend',
        'guestbook-backend'
      ].map(name => `cosign verify ${REGISTRY}/${name}:1.2.3`),
      install('mongodb'),
      `${install('backend')} --set image.repository=${REGISTRY}/guestbook-backend`,
      `${install('frontend')} --set image.repository=${REGISTRY}/guestbook-frontend`,
      'helm test guestbook-frontend --namespace guestbook'
    ])
    // The last verification is for the signature of another repository, and must fail.
    expect(calls[5]).toContain(
      'https://github.com/somebody/else/.github/workflows/release.yml@refs/tags/v1.2.3'
    )
  })

  test.each([
    ['a signature is missing', COSIGN, 'no signatures found'],
    [
      'verify-image accepts the signature of another repository',
      VERIFIED,
      'verify-image accepts another repository'
    ],
    [
      'the registry does not answer to the verification for another repository',
      `[[ "$5" == *Some* ]] || { ${UNREACHABLE}; }; ${VERIFIED}`,
      'connection refused'
    ]
  ])('installs nothing when %s', async (_, cosign, reason) => {
    const place = checkout({ cosign })
    const { status, stderr } = await run(place, 'try-release')
    expect([status > 0, stderr]).toEqual([true, expect.stringContaining(reason)])
    expect(startingWith(place, 'helm')).toEqual([])
  })
})

test.each(['publish-images', 'publish-charts', 'try-release', 'verify-image'])(
  '%s has help, and rejects unknown options',
  async script => {
    const place = new Checkout(['scripts'])
    expect(await run(place, `${script} --help`)).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`Usage: scripts/${script}`)
    })
    expect(await run(place, `${script} --fast`)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Usage:')
    })
  }
)
