/** What every make target calls, and the recipes with conditions. */
import { mkdirSync, rmSync, utimesSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { Checkout } from './checkout.ts'
import { makeTargets, read } from './repository.ts'

const COMMANDS = parse(read('tests/ci/expected-make.yml')) as Record<string, string[]>
const TARGETS = makeTargets().filter(target => /^[a-z0-9-]+$/.test(target))
/** Those whose commands are run below, not only read. */
const RUN = ['help', 'plan-report']

/** The Makefile with stand-ins alone. The npm packages are those of a given time. */
function sandbox (programs: Record<string, string> = {}, installed = new Date()): Checkout {
  const place = new Checkout(['Makefile'], programs)
  rmSync(`${place.folder}/node_modules`)
  for (const file of ['package.json', 'package-lock.json', 'services/backend/package.json']) {
    place.write(file, '')
    utimesSync(`${place.folder}/${file}`, new Date(2000, 1), new Date(2000, 1))
  }
  place.write('node_modules/.all-packages', '')
  utimesSync(`${place.folder}/node_modules/.all-packages`, installed, installed)
  mkdirSync(`${place.folder}/infra`)
  return place
}

const ABBREVIATIONS = [
  [/ \\\n\s*/g, ' '],
  [
    RegExp([
      '^echo "install: .*"',
      'npm ci --prefer-offline --loglevel=error',
      'rm -f node_modules/.runtime-packages && touch node_modules/.all-packages$'
    ].join('\n'), 'm'),
    'install'
  ],
  ['[ -n "$MONGOMS_SYSTEM_BINARY" ] || scripts/install-mongod', 'mongod'],
  [
    "docker context inspect --format '{{.Endpoints.docker.Host}}' " +
      '>infra/.docker_sock 2>/dev/null || rm -f infra/.docker_sock',
    'docker-sock'
  ]
] as const

/** The commands of a make target, as `make -n` prints them. */
async function commandsOf (place: Checkout, call: string): Promise<string[]> {
  const { stdout, stderr } = await place.run('bash', ['-c', `make -n ${call}`])
  const short = ABBREVIATIONS.reduce((text, [long, name]) => text.replace(long, name), stdout)
  const lines = short.split('\n').map(line => line.trim())
  return [...lines.filter(line => !/^$|^make: Nothing/.test(line)), ...stderr.split('\n')]
    .filter(Boolean)
}

test('every target runs the expected commands', async () => {
  const place = sandbox({}, new Date(1999, 1))
  // A file with the name of a target does not replace it.
  for (const target of TARGETS) if (target !== 'infra') place.write(target, '')
  const calls = Object.keys(COMMANDS)
  const commands = await Promise.all(
    calls.map(async call => [call, await commandsOf(place, call)] as const)
  )
  expect(Object.fromEntries(commands)).toEqual(COMMANDS)
  const expected = [...calls.map(call => call.split(' ')[0]!), ...RUN]
  expect(TARGETS.filter(target => !expected.includes(target))).toEqual([])
})

/** The public targets by group, as `make help` lists them. */
const PUBLIC = {
  Develop: ['start', 'test', 'lint', 'fix', 'generate'],
  Deploy: ['doctor', 'plan', 'up', 'status', 'open', 'down'],
  Verify: ['e2e', 'drill', 'bench'],
  Release: ['release']
}

test('make lists the public targets by group, in aligned lines of up to 100 columns', async () => {
  const { status, stdout, stderr } = await sandbox().run('make', [])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const groups = stdout.trim().split('\n\n').map(group => group.split('\n'))
  const names = groups.map(([title, ...lines]) => [
    title,
    lines.map(line => /^ {2}make (\S+)/.exec(line)?.[1])
  ])
  expect(Object.fromEntries(names)).toEqual(PUBLIC)
  const lines = groups.flatMap(([, ...lines]) => lines)
  expect(lines.filter(line => !/^.{18}[A-Z]/.test(line) || line.length > 100)).toEqual([])
})

test('every other target has a comment instead', () => {
  const lines = read('Makefile').split('\n')
  const undocumented = lines.filter((line, index) => {
    const [, target] = /^([a-z0-9-]+):/.exec(line) ?? []
    const isPublic = Object.values(PUBLIC).flat().includes(target!)
    return target !== undefined && target !== 'help' &&
      (/ ## /.test(line) !== isPublic || (!isPublic && !lines[index - 1]!.startsWith('# ')))
  })
  expect(undocumented).toEqual([])
})

describe('the installation of packages', () => {
  const NPM = { npm: '', node: '' }
  const CI = 'npm ci --prefer-offline --loglevel=error'
  const RUNTIME = `${CI} --omit=dev --include-workspace-root --workspace services/backend`
  const INSTALL = 'npm install --no-save --prefer-offline --loglevel=error'
  const VERSIONS = 'node infra/cli/main.ts versions'
  const START = 'node scripts/start.ts'
  const NPM_LIST = 'node_modules/.package-lock.json'
  /** Packages that somebody installed without make. */
  function installed (list: object): Checkout {
    const place = sandbox(NPM)
    rmSync(`${place.folder}/node_modules/.all-packages`)
    place.write(NPM_LIST, JSON.stringify({ packages: { 'node_modules/x': list } }, null, 2))
    return place
  }

  test.each([
    [
      'runs once, before the targets that need it',
      () => sandbox(NPM, new Date(1999, 1)),
      ['versions', 'versions', 'start'],
      [CI, VERSIONS, VERSIONS, START]
    ],
    [
      'is smaller for `make start`, and completed by other targets',
      () => installed({}),
      ['start', 'start', 'versions', 'start', 'versions'],
      [RUNTIME, START, START, INSTALL, VERSIONS, START, VERSIONS]
    ],
    [
      'keeps the development packages of `npm ci`',
      () => installed({ dev: true }),
      ['start', 'versions', 'start'],
      [START, VERSIONS, START]
    ]
  ])('%s', async (_, checkout, targets, calls) => {
    const place = checkout()
    for (const target of targets) {
      expect(await place.run('make', [target])).toMatchObject({ status: 0 })
    }
    expect(place.calls).toEqual(calls)
  })

  test('is complete again after `npm ci` and a change of package-lock.json', async () => {
    const place = installed({ dev: true })
    utimesSync(`${place.folder}/${NPM_LIST}`, new Date(2020, 1), new Date(2020, 1))
    place.write('package-lock.json', '')
    expect(await place.run('make', ['start'])).toMatchObject({ status: 0 })
    expect(place.calls).toEqual([CI, START])
  })

  test.each([
    'package.json',
    'package-lock.json',
    'services/backend/package.json',
    'infra/package.json',
    'system-tests/package.json',
    'tests/package.json'
  ])('runs again after a change of %s', async file => {
    const place = sandbox(NPM, new Date(2020, 1))
    place.write(file, '')
    await place.run('make', ['install'])
    expect(place.calls).toEqual([CI])
  })

  test('stops the target when it fails', async () => {
    const place = sandbox({ npm: 'exit 1', node: '' }, new Date(1999, 1))
    expect(await place.run('make', ['versions'])).toMatchObject({ status: 2 })
    expect(place.calls).toEqual([CI])
  })

  test('brings programs that precede those of the computer', async () => {
    const place = sandbox({ node: '' })
    place.script('node_modules/.bin/node', 'exit 1')
    expect(await place.run('make', ['versions'])).toMatchObject({ status: 2 })
    expect(place.calls).toEqual([])
  })
})

test.each([
  ['echo "Plan: 1 to add"', {}, 0, 'Plan: 1 to add\n'],
  ['echo two', { REPORTS: 'reports/change' }, 0, 'two\n'],
  ['echo "Error: no cluster"; exit 3', {}, 2, expect.stringContaining('Error: no cluster\n')]
])('the plan of `%s` with %j is kept', async (node, env: { REPORTS?: string }, status, plan) => {
  const place = sandbox({ node, docker: '' })
  expect(await place.run('make', ['plan-report'], env)).toMatchObject({ status })
  expect(place.calls.at(-1)).toBe('node infra/cli/main.ts plan')
  expect(place.read(`${env.REPORTS ?? 'reports'}/plan.txt`)).toEqual(plan)
})

describe('the page of a release', () => {
  const page = async (node: string, name: string) => {
    const place = sandbox({ node, gh: 'printf "[%s]" "$@" >arguments' })
    const { status } = await place.run('make', ['release-page'], { GITHUB_REF_NAME: name })
    return { status, call: place.calls[0], gh: place.read('arguments') }
  }

  test('has the notes of the tag', async () => {
    expect(await page('printf "%s\\n" "- One." "- \\"Two\\"."', 'v1.2.3')).toEqual({
      status: 0,
      call: 'node scripts/release.ts --notes v1.2.3',
      gh: '[release][create][v1.2.3][--verify-tag][--title][v1.2.3][--notes][- One.\n- "Two".]'
    })
  })

  test('is not created without notes, and its tag is never run as a command', async () => {
    expect(await page('exit 1', 'v1.2.3')).toMatchObject({ status: 2, gh: undefined })
    expect(await page('', 'v1;touch x')).toMatchObject({
      gh: '[release][create][v1;touch x][--verify-tag][--title][v1;touch x][--notes][]'
    })
  })
})

test.each([
  ['MONGOMS_SYSTEM_BINARY replaces it', { MONGOMS_SYSTEM_BINARY: '/opt/mongod' }, undefined],
  ['mongod is installed by default', {}, 'installed']
])('%s', async (_, env, installed) => {
  const place = sandbox()
  place.script('scripts/install-mongod', 'printf installed >made')
  expect(await place.run('make', ['test-mongod'], env)).toMatchObject({ status: 0 })
  expect(place.read('made')).toBe(installed)
})

test('the Docker socket is that of the current context, or none', async () => {
  const place = sandbox({ docker: '[ -z "$BROKEN" ] && echo unix:///there.sock' })
  expect(await place.run('make', ['docker-sock'])).toMatchObject({ status: 0 })
  expect(place.read('infra/.docker_sock')).toBe('unix:///there.sock\n')
  expect(await place.run('make', ['docker-sock'], { BROKEN: 'yes' })).toMatchObject({ status: 0 })
  expect(place.read('infra/.docker_sock')).toBeUndefined()
})

test('`make style` checks the types of every workspace, and fails with any', async () => {
  const tsc = '[[ "$*" != *services/backend* ]]'
  const place = sandbox({ eslint: '', node: '', tsc })
  for (const folder of ['services/backend', 'services/frontend', 'infra']) {
    place.write(`${folder}/tsconfig.json`, '')
  }
  expect(await place.run('make', ['style'])).toMatchObject({ status: 2 })
  expect(place.calls).toEqual(['eslint .', 'node scripts/line-width.ts', 'tsc -p services/backend'])
  expect(
    await place.run('make', ['style', 'PATHS=infra scripts services/frontend'])
  ).toMatchObject({ status: 0 })
  expect(place.calls.slice(3)).toEqual([
    'eslint infra scripts services/frontend',
    'node scripts/line-width.ts infra scripts services/frontend',
    'tsc -p infra',
    'tsc -p services/frontend'
  ])
})

test('`make image` reports the size of an image unless its build fails', async () => {
  const place = sandbox({ docker: 'echo "{\\"bytes\\":7} of ${*: -1}"' })
  place.script('build.sh', '[ -z "$BROKEN" ] || exit 1\n[ -z "$2" ] || echo "tag$1"')
  const image = async (env: Record<string, string>) =>
    await place.run('make', ['image', 'SERVICE=backend'], { REPORTS: 'r', ...env })
  expect(await image({ BROKEN: 'yes' })).toMatchObject({ status: 2 })
  expect(place.read('r/image.json')).toBeUndefined()
  expect(await image({})).toMatchObject({ status: 0 })
  expect(place.read('r/image.json')).toBe('{"bytes":7} of tag--backend\n')
})
