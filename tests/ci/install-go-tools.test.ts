/** scripts/install-go-tools. It sees only the given programs. */
import { rmSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { Checkout } from './checkout.ts'

const NEW = { helm: 'echo v3.18.0', kubeconform: 'echo v0.7.0', actionlint: 'echo 1.7.12' }
const GO = 'echo "$GOBIN|$GOFLAGS|$PWD" >>environment'
const SCHEMAS = 'node scripts/kubernetes-schemas.ts'
const SILENT = { status: 0, stdout: '', stderr: '' }

function checkout (programs: Record<string, string>): Checkout {
  const parts = ['scripts/install-go-tools', 'scripts/usage.sh']
  const place = new Checkout(parts, { node: '', go: GO, ...programs })
  rmSync(`${place.folder}/node_modules`)
  place.write('.tools/bin/.keep', '')
  place.write('tmp/.keep', '')
  return place.only('bash', 'dirname', 'awk', 'mktemp', 'rm', 'cat')
}
const install = async (place: Checkout, env: Record<string, string> = {}) =>
  await place.run('scripts/install-go-tools', [], { TMPDIR: `${place.folder}/tmp`, ...env })
const builds = ({ calls }: Checkout) => calls.filter(call => call.startsWith('go '))

test.each([
  ['helm', ['v3.18.0', 'v3.22.0', 'v4.0.1+g123abc', 'v10.1.0']],
  ['kubeconform', ['v0.7.0', 'v0.10.0', 'v1.0.0', '0.8.0']],
  ['actionlint', ['1.7.12', 'v1.7.12', '1.10.0', '2.0.0-rc.1']]
])('%s is not built where one of %j is on the PATH', async (name, versions) => {
  for (const version of versions) {
    const place = checkout({ ...NEW, [name]: `echo ${version}; echo installed by hand` })
    expect(await install(place)).toEqual(SILENT)
    expect(place.calls).toEqual([
      'helm version --template {{.Version}}',
      'kubeconform -v',
      'actionlint -version',
      SCHEMAS
    ])
  }
})

test('tools in .tools precede those of the PATH', async () => {
  const place = checkout({ ...NEW, helm: 'echo v2.0.0' })
  place.script('.tools/bin/helm', 'echo v3.19.0')
  expect(await install(place)).toMatchObject({ status: 0, stdout: '' })
  expect(builds(place)).toEqual([])
})

test.each([
  ['helm', ['v3.17.4', 'v2.99.0', 'v0.99.0', 'unknown', '']],
  ['kubeconform', ['v0.6.7', 'v0.0.99', 'development']],
  ['actionlint', ['1.7.11', '1.6.99', '0.9.0']]
])('%s is built where one of %j is on the PATH', async (name, versions) => {
  for (const version of versions) {
    const place = checkout({ ...NEW, [name]: `echo ${version}` })
    expect(await install(place)).toMatchObject({
      status: 0, stdout: expect.stringContaining(`${name}: building v`)
    })
    expect(builds(place)).toHaveLength(1)
  }
})

test('missing tools are built with their version, each with one line of progress', async () => {
  const place = checkout({})
  expect(await install(place, { GOFLAGS: '-mod=vendor' })).toEqual({
    ...SILENT,
    stdout: expect.stringMatching(RegExp([
      /^helm: building v3\.\d+\.\d+ \(about 3 min\)/.source,
      /kubeconform: building v0\.\d+\.\d+ \(about 1 min\)/.source,
      /actionlint: building v1\.\d+\.\d+ \(about 1 min\)\n$/.source
    ].join('\n')))
  })
  const calls = place.calls.map(call =>
    call
      .replaceAll(/ +/g, ' ')
      .replaceAll(/v?\d+\.\d+\.\d+/g, 'VERSION')
      .replaceAll(/k8sVersionMinor=\d+/g, 'k8sVersionMinor=N')
  )
  expect(calls).toEqual([
    'go install -ldflags -s -w -X helm.sh/helm/v3/internal/version.version=VERSION -X ' +
    'helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=1 -X ' +
    'helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=N helm.sh/helm/v3/cmd/helm@VERSION',
    'go install -ldflags -s -w -X main.version=VERSION ' +
    'github.com/yannh/kubeconform/cmd/kubeconform@VERSION',
    'go install -ldflags -s -w github.com/rhysd/actionlint/cmd/actionlint@VERSION',
    SCHEMAS
  ])
  // Builds run outside of any module, and without GOFLAGS of the computer.
  const [bin, outside] = [`${place.folder}/.tools/bin`, `${place.folder}/tmp`]
  expect(place.read('tmp/environment')).toBe(`${bin}||${outside}\n`.repeat(3))
})

test('a failed build prints its error and ends the installation', async () => {
  const place = checkout({ go: 'echo no network >&2; exit 1' })
  expect(await install(place)).toEqual({
    status: 1,
    stdout: expect.stringContaining('helm: building'),
    stderr: 'no network\n'
  })
  expect(place.calls).toHaveLength(1)
})

test('without Go the error names what to install', async () => {
  const place = checkout({ ...NEW, actionlint: 'false' })
  rmSync(`${place.folder}/.bin/go`)
  expect(await install(place)).toEqual({
    status: 1,
    stdout: '',
    stderr: 'actionlint is missing: install it, or Go 1.26 or newer to build it\n'
  })
})

test('missing schemas are an error', async () => {
  expect(await install(checkout({ ...NEW, node: 'exit 3' }))).toMatchObject({ status: 3 })
})
