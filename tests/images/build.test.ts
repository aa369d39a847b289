import { spawnSync } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PARTS = [
  'build.sh',
  'package.json',
  'package-lock.json',
  '.npmrc',
  '.dockerignore',
  'services',
  'infra/package.json',
  'system-tests/package.json',
  'tests/package.json'
]

let copy: string
beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'guestbook-build-'))
  for (const part of PARTS) {
    cpSync(join(ROOT, part), join(copy, part), {
      recursive: true,
      filter: path => basename(path) !== 'node_modules'
    })
  }
})
afterEach(() => { rmSync(copy, { recursive: true }) })

function build (args: string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync('./build.sh', args, {
    cwd: copy,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...env }
  })
  return { status, stderr, images: stdout.trim().split('\n') }
}
const tags = (env?: Record<string, string>) => build(['--all', '--print-tag'], env).images

describe('the tag', () => {
  test('is a hash of the content, the same at every call', () => {
    expect(tags()).toEqual([
      expect.stringMatching(/^guestbook-backend:[0-9a-f]{12}$/),
      expect.stringMatching(/^guestbook-frontend:[0-9a-f]{12}$/)
    ])
    expect(tags()).toEqual(tags())
  })

  const CHANGES = [
    ['services/backend/src/app.ts', [true, false]],
    ['services/frontend/views/form.hbs', [false, true]],
    ['services/frontend/Dockerfile', [false, true]],
    ['services/service-kit/src/run.ts', [true, true]],
    ['package-lock.json', [true, true]],
    ['services/backend/test/helper.ts', [false, false]],
    ['services/backend/openapi.json', [false, false]]
  ] as const
  test.each(CHANGES)('follows a change of %s where an image holds it', (file, changed) => {
    const before = tags()
    appendFileSync(join(copy, file), '\n')
    expect(tags().map((tag, n) => tag !== before[n])).toEqual(changed)
  })

  test('is another on another base image', () => {
    expect(tags({ BASE_IMAGE: 'registry.example/node:24' })).not.toEqual(tags())
  })

  test('may be given, and the repository stands before the name', () => {
    expect(
      build(['--backend', '--tag', 'v1.2.3', '--print-tag'], {
        IMAGE_REPOSITORY: 'ghcr.io/someone'
      })
    ).toEqual({ status: 0, stderr: '', images: ['ghcr.io/someone/guestbook-backend:v1.2.3'] })
  })
})

test.each([
  [['--all', '--fast'], 'unknown option --fast'],
  [['backend'], 'unknown option backend'],
  [[], 'name an image: --all --backend --frontend'],
  [['--all', '--tag'], '--tag needs a value'],
  [['--all', '--tag', 'a b'], 'invalid tag "a b"'],
  [['--all', '--load', '--push'], '--load and --push exclude each other'],
  [['--all', '--push'], '--push needs IMAGE_REPOSITORY']
])('%j is refused with the reason and the usage, and nothing is built', (args, reason) => {
  const { status, stderr, images } = build(args)
  expect([status, stderr.split('\n')[0], images]).toEqual([2, `build.sh: ${reason}`, ['']])
  expect(stderr).toContain('Usage: build.sh')
})

describe('a build', () => {
  const withDocker = (body: string) => {
    const tools = join(copy, 'tools')
    mkdirSync(tools)
    writeFileSync(join(tools, 'docker'), `#!/bin/bash\n${body}\n`, { mode: 0o755 })
    return build(['--backend', '--tag', 'x'], { PATH: `${tools}:${process.env.PATH}` })
  }

  test('that fails shows all that was said, and another nothing of it', () => {
    expect(withDocker('echo "npm error 404"; echo "exit code: 1" >&2; exit 1')).toEqual({
      status: 1,
      stderr: 'npm error 404\nexit code: 1\n',
      images: ['build: guestbook-backend:x']
    })
    rmSync(join(copy, 'tools'), { recursive: true })
    expect(withDocker('echo "added 7 packages" >&2')).toEqual({
      status: 0,
      stderr: '',
      images: ['build: guestbook-backend:x']
    })
  })

  test('does not ask docker to be quiet: it would hold back what the failing command said', () => {
    expect(withDocker('[[ " $* " != *" --quiet "* ]]').status).toBe(0)
  })
})

test('without docker nothing is tried', () => {
  const tools = join(copy, 'tools')
  mkdirSync(tools)
  for (const tool of ['bash', 'dirname']) symlinkSync(`/usr/bin/${tool}`, join(tools, tool))
  expect(build(['--all'], { PATH: tools })).toEqual({
    status: 1,
    stderr: 'build.sh: docker is not on the PATH: install it first\n',
    images: ['']
  })
})

test('--help tells every option', () => {
  const { status, images } = build(['--help'])
  expect(status).toBe(0)
  for (const option of [
    '--all',
    '--backend',
    '--frontend',
    '--tag',
    '--load',
    '--push',
    '--print-tag',
    'IMAGE_REPOSITORY',
    'BASE_IMAGE'
  ]) {
    expect(images.join('\n')).toContain(option)
  }
})
