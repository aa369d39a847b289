/** scripts/install-go-tools, on a computer that has these programs and no others. */
import { rmSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { Checkout } from './checkout.ts'

const NEW = { helm: 'echo v3.18.0', kubeconform: 'echo v0.7.0', actionlint: 'echo 1.7.12' }
const GO = 'echo "$GOBIN|$GOFLAGS|$PWD" >>asked-go; echo "$GOBIN|$GOFLAGS" >>"$GOBIN/../../asked"'

function checkout (programs: Record<string, string>): Checkout {
  const place = new Checkout(['scripts/install-go-tools'], { node: '', go: GO, ...programs })
  rmSync(`${place.folder}/node_modules`)
  place.write('.tools/bin/.keep', '')
  return place.only('bash', 'dirname', 'awk', 'mktemp', 'rm', 'cat')
}
const install = async (place: Checkout, ...args: string[]) =>
  await place.run('scripts/install-go-tools', args)
const built = ({ calls }: Checkout) => calls.filter(call => call.startsWith('go '))
const SCHEMAS = 'node scripts/kubernetes-schemas.ts'

test('an unknown option ends with status 2 and how it is used', async () => {
  const usage = expect.stringContaining(
    'Usage: scripts/install-go-tools\n\nUses helm 3.18, kubeconform 0.7 and actionlint 1.7.12 or ' +
    'newer'
  )
  const place = checkout({})
  expect(await install(place, '--fast')).toEqual({ status: 2, stdout: '', stderr: usage })
  for (const help of ['-h', '--help']) {
    expect(await install(place, help)).toEqual({ status: 0, stdout: usage, stderr: '' })
  }
  expect(place.calls).toEqual([])
})

describe('a program that is new enough is used as it is, in silence', () => {
  test.each([
    ['helm', ['v3.18.0', 'v3.22.0', 'v4.0.1+g123abc', 'v10.1.0']],
    ['kubeconform', ['v0.7.0', 'v0.10.0', 'v1.0.0', '0.8.0']],
    ['actionlint', ['1.7.12', 'v1.7.12', '1.10.0', '2.0.0-rc.1']]
  ])('%s', async (name, versions) => {
    for (const version of versions) {
      const place = checkout({ ...NEW, [name]: `echo ${version}; echo installed by hand` })
      expect(await install(place)).toEqual({ status: 0, stdout: '', stderr: '' })
      expect(built(place)).toEqual([])
      expect(place.calls.at(-1)).toBe(SCHEMAS)
    }
  })

  test('asked for its version as it wants to be', async () => {
    const place = checkout(NEW)
    await install(place)
    expect(place.calls).toEqual([
      'helm version --template {{.Version}}',
      'kubeconform -v',
      'actionlint -version',
      SCHEMAS
    ])
  })

  test('in .tools too, which goes before the PATH', async () => {
    const place = checkout({ ...NEW, helm: 'echo v2.0.0' })
    place.write('.tools/bin/helm', '#!/bin/bash\necho v3.19.0\n')
    await place.run('/bin/chmod', ['755', '.tools/bin/helm'])
    expect(await install(place)).toMatchObject({ status: 0, stdout: '' })
    expect(built(place)).toEqual([])
  })
})

describe('one that is too old is built beside it', () => {
  test.each([
    ['helm', ['v3.17.4', 'v2.99.0', 'v0.99.0', 'unknown', '']],
    ['kubeconform', ['v0.6.7', 'v0.0.99', 'development']],
    ['actionlint', ['1.7.11', '1.6.99', '0.9.0']]
  ])('%s', async (name, versions) => {
    for (const version of versions) {
      const place = checkout({ ...NEW, [name]: `echo ${version}` })
      expect(await install(place)).toMatchObject({
        status: 0,
        stdout: expect.stringContaining(`${name}: building v`)
      })
      expect(built(place)).toHaveLength(1)
    }
  })
})

test('missing tools are built with their version, each with one line of progress', async () => {
  const place = checkout({})
  expect(await install(place)).toEqual({
    status: 0,
    stdout: expect.stringMatching(RegExp([
      /^helm: building v3\.\d+\.\d+ \(about 3 min\)/.source,
      /kubeconform: building v0\.\d+\.\d+ \(about 1 min\)/.source,
      /actionlint: building v1\.\d+\.\d+ \(about 1 min\)\n$/.source
    ].join('\n'))),
    stderr: ''
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
  expect(place.read('asked')).toBe(`${place.folder}/.tools/bin|\n`.repeat(3))
})

test('flags and modules of the computer take no part in a build', async () => {
  const place = checkout({ ...NEW, helm: 'false' })
  place.write('tmp/.keep', '')
  await place.run('scripts/install-go-tools', [], {
    GOFLAGS: '-mod=vendor',
    TMPDIR: `${place.folder}/tmp`
  })
  expect(place.read('asked')).toBe(`${place.folder}/.tools/bin|\n`)
  expect(place.read('tmp/asked-go')).toBe(`${place.folder}/.tools/bin||${place.folder}/tmp\n`)
})

test('a build that fails shows why, and nothing goes on', async () => {
  const place = checkout({ go: 'echo no network >&2; exit 1' })
  expect(await install(place)).toEqual({
    status: 1,
    stdout: expect.stringContaining('helm: building'),
    stderr: 'no network\n'
  })
  expect(place.calls).toHaveLength(1)
})

test('without Go it is said what to install', async () => {
  const place = checkout({ ...NEW, actionlint: 'false' })
  rmSync(`${place.folder}/.bin/go`)
  expect(await install(place)).toEqual({
    status: 1,
    stdout: '',
    stderr: 'actionlint is missing: install it, or Go 1.26 or newer to build it\n'
  })
})

test('schemas that cannot be had are an error', async () => {
  expect(await install(checkout({ ...NEW, node: 'exit 3' }))).toMatchObject({ status: 3 })
})
