/** What every make target calls, and how the recipes with logic of their own end. */

import { mkdirSync, rmSync, utimesSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { Checkout } from './checkout.ts'
import { makeTargets, read } from './repository.ts'

const COMMANDS = parse(read('tests/ci/expected-make.yml')) as Record<string, string[]>
const TARGETS = Object.keys(makeTargets()).filter(target => /^[a-z0-9-]+$/.test(target))
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
  place.write('node_modules/.package-lock.json', '')
  utimesSync(`${place.folder}/node_modules/.package-lock.json`, installed, installed)
  mkdirSync(`${place.folder}/infra`)
  return place
}

const ABBREVIATIONS = [
  [
    /^echo "install: .*"\nnpm ci --prefer-offline --loglevel=error\ntouch node_modules\/\.package-lock\.json$/m,
    'install'
  ],
  [/^\[ -n "\$MONGOMS_SYSTEM_BINARY" \] \|\| scripts\/install-mongod$/m, 'mongod'],
  [
    /^docker context inspect --format '\{\{\.Endpoints\.docker\.Host\}\}' >infra\/\.docker_sock 2>\/dev\/null \|\| rm -f infra\/\.docker_sock$/m,
    'docker-sock'
  ],
  [/ \\\n\s*/g, ' ']
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

test('make alone lists every target that says what it does, by its group', async () => {
  const { status, stdout } = await sandbox().run('make', [])
  const described = read('Makefile')
    .split('\n')
    .filter(line => / ## /.test(line) && !line.startsWith('##@'))
  expect([status, stdout.match(/^ {2}make /gm)?.length]).toEqual([0, described.length])
  expect(stdout).toMatch(/\nRun\n {2}make start +Run the guestbook/)
  expect(stdout).toMatch(/^Check\n {2}make test +Run every test/m)
  expect(stdout).toMatch(/^ {2}make e2e-infra +Deploy from nothing/m)
  for (const group of ['Deploy', 'Generate', 'Workflows', 'Release', 'Prepare']) {
    expect(stdout).toContain(`\n${group}\n`)
  }
})

describe('packages are installed', () => {
  const NPM = { npm: '', node: '' }
  test('once, and before what needs them', async () => {
    const place = sandbox(NPM, new Date(1999, 1))
    expect(await place.run('make', ['versions'])).toMatchObject({ status: 0 })
    expect(await place.run('make', ['versions'])).toMatchObject({ status: 0 })
    expect(place.calls).toEqual([
      'npm ci --prefer-offline --loglevel=error',
      ...Array(2).fill('node infra/cli/main.ts versions')
    ])
  })

  test.each([
    'package.json',
    'package-lock.json',
    'services/backend/package.json',
    'infra/package.json',
    'system-tests/package.json',
    'tests/package.json'
  ])('again when %s has changed', async file => {
    const place = sandbox(NPM, new Date(2020, 1))
    place.write(file, '')
    await place.run('make', ['install'])
    expect(place.calls).toEqual(['npm ci --prefer-offline --loglevel=error'])
  })

  test('and nothing goes on when they cannot be', async () => {
    const place = sandbox({ npm: 'exit 1', node: '' }, new Date(1999, 1))
    expect(await place.run('make', ['versions'])).toMatchObject({ status: 2 })
    expect(place.calls).toEqual(['npm ci --prefer-offline --loglevel=error'])
  })

  test('and their programs go before those of the computer', async () => {
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
  const place = sandbox({ eslint: '', tsc })
  for (const folder of ['services/backend', 'services/frontend', 'infra']) {
    place.write(`${folder}/tsconfig.json`, '')
  }
  expect(await place.run('make', ['style'])).toMatchObject({ status: 2 })
  expect(place.calls).toEqual(['eslint .', 'tsc -p services/backend'])
  expect(
    await place.run('make', ['style', 'PATHS=infra scripts services/frontend'])
  ).toMatchObject({ status: 0 })
  expect(place.calls.slice(2)).toEqual([
    'eslint infra scripts services/frontend',
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
