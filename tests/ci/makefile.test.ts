/** What every make target calls, and how the recipes with logic of their own end. */

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

describe('make -n', () => {
  test('is as promised for every call', async () => {
    const place = sandbox({}, new Date(1999, 1))
    // A file of a target's name keeps none from being made.
    for (const target of TARGETS) if (target !== 'infra') place.write(target, '')
    const said = await Promise.all(
      Object.keys(COMMANDS).map(async call => {
        const { stdout, stderr } = await place.run('bash', ['-c', `make -n ${call}`])
        const short = ABBREVIATIONS.reduce(
          (text, [long, name]) => text.replace(long, name),
          stdout
        )
        const lines = short.split('\n').map(line => line.trim())
        return [
          call,
          [
            ...lines.filter(line => !/^$|^make: Nothing/.test(line)),
            ...stderr.split('\n').filter(Boolean)
          ]
        ]
      })
    )
    expect(Object.fromEntries(said)).toEqual(COMMANDS)
  })

  test('is promised of every target', () => {
    const promised = Object.keys(COMMANDS).map(call => call.split(' ')[0]!)
    expect(TARGETS.filter(target => !promised.includes(target) && !RUN.includes(target))).toEqual(
      []
    )
  })
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
  const VERSIONS = 'node infra/cli/main.ts versions'
  const START = 'node scripts/start.ts'

  test('runs once, before the targets that need it', async () => {
    const place = sandbox(NPM, new Date(1999, 1))
    for (const target of ['versions', 'versions', 'start']) {
      expect(await place.run('make', [target])).toMatchObject({ status: 0 })
    }
    expect(place.calls).toEqual([CI, VERSIONS, VERSIONS, START])
  })

  test('is smaller for `make start`, and completed by other targets', async () => {
    const place = sandbox(NPM)
    rmSync(`${place.folder}/node_modules/.all-packages`)
    for (const target of ['start', 'start', 'versions', 'start', 'versions']) {
      expect(await place.run('make', [target])).toMatchObject({ status: 0 })
    }
    expect(place.calls).toEqual([
      `${CI} --omit=dev --include-workspace-root --workspace services/backend`,
      START,
      START,
      'npm install --no-save --prefer-offline --loglevel=error',
      VERSIONS,
      START,
      VERSIONS
    ])
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
    place.write('node_modules/.bin/node', '')
    await place.run('ln', ['-sf', '/bin/false', 'node_modules/.bin/node'])
    expect(await place.run('make', ['versions'])).toMatchObject({ status: 2 })
    expect(place.calls).toEqual([])
  })
})

describe('the plan', () => {
  const planned = async (node: string, env: Record<string, string> = {}) => {
    const place = sandbox({ node, docker: '' })
    const { status } = await place.run('make', ['plan-report'], env)
    return {
      status,
      calls: place.calls.slice(-1),
      report: place.read(`${env.REPORTS ?? 'reports'}/plan.txt`)
    }
  }

  test('is shown and kept', async () => {
    const calls = ['node infra/cli/main.ts plan']
    expect(await planned('echo "Plan: 1 to add"')).toEqual({
      status: 0,
      calls,
      report: 'Plan: 1 to add\n'
    })
    expect(await planned('echo two', { REPORTS: 'reports/change' })).toEqual({
      status: 0,
      calls,
      report: 'two\n'
    })
  })

  test('that fails is kept, and fails', async () => {
    expect(await planned('echo "Error: no cluster"; exit 3')).toMatchObject({
      status: 2,
      report: expect.stringContaining('Error: no cluster\n')
    })
  })
})

describe('the page of a release', () => {
  const page = async (node: string, name: string) => {
    const place = sandbox({ node, gh: 'printf "[%s]" "$@" >asked' })
    const { status } = await place.run('make', ['release-page'], { GITHUB_REF_NAME: name })
    return { status, calls: place.calls[0], asked: place.read('asked') }
  }

  test('bears the notes of the tag', async () => {
    expect(await page('printf "%s\\n" "- One." "- \\"Two\\"."', 'v1.2.3')).toEqual({
      status: 0,
      calls: 'node scripts/release.ts --notes v1.2.3',
      asked: '[release][create][v1.2.3][--verify-tag][--title][v1.2.3][--notes][- One.\n- "Two".]'
    })
  })

  test('is not made without notes, and a tag is no command', async () => {
    expect(await page('exit 1', 'v1.2.3')).toMatchObject({ status: 2, asked: undefined })
    expect(await page('', 'v1;touch asked')).toMatchObject({
      asked: '[release][create][v1;touch asked][--verify-tag][--title][v1;touch asked][--notes][]'
    })
  })
})

test.each([
  ['a mongod of its own is used', { MONGOMS_SYSTEM_BINARY: '/opt/mongod' }, undefined],
  ['else one is installed', {}, 'installed']
])('%s', async (_, env, installed) => {
  const place = sandbox()
  place.write('scripts/install-mongod', '#!/bin/bash\nprintf installed >made\n')
  await place.run('chmod', ['755', 'scripts/install-mongod'])
  expect(await place.run('make', ['test-mongod'], env)).toMatchObject({ status: 0 })
  expect(place.read('made')).toBe(installed)
})

test('the Docker engine is that of the current context, or none', async () => {
  const place = sandbox({ docker: '[ -z "$BROKEN" ] && echo unix:///there.sock' })
  expect(await place.run('make', ['docker-sock'])).toMatchObject({ status: 0 })
  expect(place.read('infra/.docker_sock')).toBe('unix:///there.sock\n')
  expect(await place.run('make', ['docker-sock'], { BROKEN: 'yes' })).toMatchObject({ status: 0 })
  expect(place.read('infra/.docker_sock')).toBeUndefined()
})

test('types are checked where there are some, and an error in one place is an error', async () => {
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

test('the size of an image is reported, and a build that fails has none', async () => {
  const place = sandbox({ docker: 'echo "{\\"bytes\\":7} of ${*: -1}"' })
  place.write(
    'build.sh',
    '#!/bin/bash\n[ -z "$BROKEN" ] || exit 1\n[ -z "$2" ] || echo "tag$1"\n'
  )
  await place.run('chmod', ['755', 'build.sh'])
  const image = async (env: Record<string, string>) =>
    await place.run('make', ['image', 'SERVICE=backend'], { REPORTS: 'r', ...env })
  expect(await image({ BROKEN: 'yes' })).toMatchObject({ status: 2 })
  expect(place.read('r/image.json')).toBeUndefined()
  expect(await image({})).toMatchObject({ status: 0 })
  expect(place.read('r/image.json')).toBe('{"bytes":7} of tag--backend\n')
})
