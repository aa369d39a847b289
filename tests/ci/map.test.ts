import { accessSync, constants, existsSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { calledWorkflows } from '../../scripts/ci/changes.ts'
import { matches, pathsOf, readWorkflow, workflowNames } from '../../scripts/ci/workflows.ts'
import {
  commandsOf,
  commandsOfJob,
  inputsOf,
  jobsOfChange,
  parseMake,
  pathsOfCall
} from './commands.ts'
import { FILES, filesUnder, makeTargets, read, ROOT } from './repository.ts'

const NAMES = workflowNames(ROOT)
const FILTERED = NAMES.filter(name => pathsOf(readWorkflow(ROOT, name)) !== undefined)
const filterOf = (name: string) => pathsOf(readWorkflow(ROOT, name))!
/** One that is only called is seen through those that call it, with the inputs they give. */
const STARTED = NAMES.filter(
  name => Object.keys(readWorkflow(ROOT, name).on).join() !== 'workflow_call'
)
/** Each command once, with a workflow that has it. */
const commands = Object.entries(
  Object.fromEntries(
    STARTED.flatMap(name => commandsOf(readWorkflow(ROOT, name)).map(({ run }) => [run, name]))
  )
)

/** What nothing is built from; the job "repository" lints and tests these on every pull request all the same. */
const PROSE = [
  'docs/**',
  'tests/ci/**',
  'tests/images/**',
  'scripts/mutants/**',
  '.ci/**',
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'LICENSE',
  '.editorconfig',
  '.gitattributes',
  '.gitattributes',
  '.gitignore',
  '.node-version',
  '.github/renovate.json',
  '.github/actionlint.yaml',
  '.github/workflows/mutants.yml',
  '.github/workflows/pull-request.yml',
  '.github/workflows/security.yml',
  '.github/workflows/release.yml'
]

describe('path filters', () => {
  test('every file is in the filter of a workflow, or among those that nothing is built from', () => {
    const owned = [...FILTERED.flatMap(filterOf), ...PROSE]
    expect(PROSE.filter(pattern => !FILES.some(file => matches([pattern], file)))).toEqual([])
    expect(FILES.filter(file => !matches(owned, file))).toEqual([])
  })

  test.each(FILTERED)('that of %s names files and whole folders only, all of them there', name => {
    const patterns = filterOf(name)
    expect(patterns.filter(pattern => /[*?![\]+]/.test(pattern.replace(/\/\*\*$/, '')))).toEqual([])
    expect(patterns.filter(pattern => !FILES.some(file => matches([pattern], file)))).toEqual([])
    expect(patterns).toEqual([...new Set(patterns)])
  })

  test.each(FILTERED)('that of %s covers all that its jobs build from', name => {
    const inputs = new Set(
      jobsOfChange(readWorkflow(ROOT, name))
        .flatMap(commandsOfJob)
        .flatMap(({ run }) => [...inputsOf(run)])
    )
    const missed = Object.entries(
      Object.groupBy(
        [...inputs].filter(file => !matches(filterOf(name), file)),
        file => file.split('/').slice(0, 2).join('/')
      )
    )
    // What to add to the filter.
    expect(
      missed.map(([folder, files = []]) => (files.length > 1 ? `${folder}/**` : files[0]))
    ).toEqual([])
    expect(filterOf(name)).toEqual(
      expect.arrayContaining(['.github/actions/**', `.github/workflows/${name}.yml`])
    )
  })
})

describe('commands', () => {
  test.each(commands)(
    '`%s` of %s is one make target that exists, or one script that can be run',
    run => {
      const call = parseMake(run)
      if (call) expect(Object.keys(makeTargets())).toContain(call.target)
      else {
        const [script, ...args] = run.split(' ')
        expect({
          script,
          isScript: /^(\.ci\/run|\.\/build\.sh|scripts\/[\w-]+)$/.test(script!),
          args: args.filter(arg => !/^[\w.-]+$/.test(arg))
        }).toEqual({ script, isScript: true, args: [] })
        expect(() => {
          accessSync(`${ROOT}${script}`, constants.X_OK)
        }).not.toThrow()
      }
    }
  )

  test('those with PATHS name paths that are there', () => {
    const paths = commands.flatMap(([run]) => parseMake(run) ?? []).flatMap(pathsOfCall)
    expect(paths.length).toBeGreaterThan(5)
    expect(paths.filter(path => !existsSync(`${ROOT}${path}`))).toEqual([])
  })
})

test('every test file is run by a job of a pull request that its own change calls for', () => {
  const runs = ['pull-request', ...calledWorkflows(ROOT)].flatMap(name => {
    const paths = commandsOf(readWorkflow(ROOT, name)).flatMap(({ run }) => {
      const call = parseMake(run)
      return call?.target === 'test' ? pathsOfCall(call) : []
    })
    return paths.map(path => ({
      path,
      filter: name === 'pull-request' ? undefined : pathsOf(readWorkflow(ROOT, name))
    }))
  })
  const isRun = (file: string) =>
    runs.some(
      ({ path, filter }) =>
        filesUnder(path).includes(file) && (filter === undefined || matches(filter, file))
    )
  const tests = FILES.filter(file => file.endsWith('.test.ts'))
  expect(tests.length).toBeGreaterThan(80)
  expect(tests.filter(file => !isRun(file))).toEqual([])
})

test('what is read about workflows is true: every one that is named is there', () => {
  const named = FILES.filter(file => file.endsWith('.md')).flatMap(file =>
    [...read(file).matchAll(/`(?:\.github\/workflows\/)?([a-z0-9-]+)\.yml`/g)].map(
      ([, name]) => name!
    )
  )
  const known = [...NAMES, ...FILES.map(file => /([\w-]+)\.yml$/.exec(file)?.[1])]
  expect(named.filter(name => !known.includes(name))).toEqual([])
})

test('every variable and secret that a repository can set is explained, and no other', () => {
  const used = FILES.filter(file => file.startsWith('.github/') && file.endsWith('.yml')).flatMap(
    file => [...read(file).matchAll(/(?:vars|secrets)\.(\w+)/g)].map(([, name]) => name)
  )
  const explained = [...read('docs/develop/ci.md').matchAll(/^\| (?:variable|secret) \| `(\w+)`/gm)].map(
    ([, name]) => name
  )
  expect(explained.sort()).toEqual([...new Set(used)].sort())
})

test('what a command builds from is found through imports, opened files, Makefile and Dockerfile', () => {
  const reached = (run: string, ...files: string[]) =>
    files.filter(file => !inputsOf(run).has(file))
  expect(
    reached(
      'make test PATHS="services/frontend"',
      'services/service-kit/src/run.ts',
      'services/backend/src/app.ts',
      'services/frontend/views/form.hbs',
      'package-lock.json',
      'Makefile'
    )
  ).toEqual([])
  expect(
    reached(
      'make image SERVICE=backend',
      'services/backend/src/server.ts',
      'services/service-kit/src/run.ts',
      'services/frontend/package.json',
      'build.sh',
      '.npmrc'
    )
  ).toEqual([])
  expect(
    reached('make test PATHS="services/backend"', 'scripts/install-mongod', 'scripts/test.ts')
  ).toEqual([])
  expect(
    reached('make lint', 'scripts/document-settings.ts', 'services/frontend/src/config.ts')
  ).toEqual([])
  expect([...inputsOf('make image SERVICE=backend')]).not.toContain(
    'services/frontend/src/app.ts'
  )
})
