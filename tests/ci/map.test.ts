/** Path filters, make targets and test files that workflows name. */
import { accessSync, constants, existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { calledWorkflows } from '../../scripts/ci/changes.ts'
import {
  commandsOf,
  fillInputs,
  matches,
  pathsOf,
  readWorkflow,
  workflowNames,
  workflowOf
} from '../../scripts/ci/workflows.ts'
import { FILES, filesUnder, makeTargets, read, ROOT } from './repository.ts'

const NAMES = workflowNames(ROOT)
const FILTERED = NAMES.filter(name => pathsOf(readWorkflow(ROOT, name)) !== undefined)
const filterOf = (name: string) => pathsOf(readWorkflow(ROOT, name))!

/** Files that every job depends on. */
const SHARED = [
  '.github/actions/**', '.npmrc', 'Makefile', 'eslint.config.js', 'jest.config.js',
  'package-lock.json', 'package.json', 'scripts/**', 'tsconfig.base.json'
]

/** Files that no workflow builds. The job "repository" checks them in every pull request. */
const PROSE = [
  'docs/**', 'tests/ci/**', 'tests/images/**', '.ci/**', 'README.md', 'CONTRIBUTING.md',
  'CHANGELOG.md', 'LICENSE', '.editorconfig', '.gitattributes', '.gitignore', '.node-version',
  '.github/renovate.json', '.github/actionlint.yaml', '.github/workflows/mutants.yml',
  '.github/workflows/pull-request.yml', '.github/workflows/security.yml',
  '.github/workflows/release.yml'
]

/** The commands of a workflow and of those that it calls. */
function commandsOfWorkflow (name: string, inputs: Record<string, unknown> = {}): string[] {
  return Object.values(readWorkflow(ROOT, name).jobs).flatMap(job => {
    const called = workflowOf(job.uses ?? '')
    return called === undefined
      ? commandsOf(ROOT, job.steps, inputs)
      : commandsOfWorkflow(called, fillInputs(job.with, inputs))
  })
}

/** The workflows that one calls, directly or through others. */
const calledBy = (name: string): string[] =>
  Object.values(readWorkflow(ROOT, name).jobs).flatMap(({ uses = '' }) => {
    const called = workflowOf(uses)
    return called === undefined ? [] : [called, ...calledBy(called)]
  })

/** `make test PATHS="a b"` as target and variables; undefined for any other command. */
function parseMake (run: string) {
  const [, target, rest = ''] =
    /^make ([a-z0-9-]+)((?: [A-Z]+=(?:"[^"]*"|\S+))*)$/.exec(run) ?? []
  const variables = [...rest.matchAll(/([A-Z]+)=(?:"([^"]*)"|(\S+))/g)]
    .map(([, name, quoted, plain]) => [name, quoted ?? plain] as const)
  return target === undefined
    ? undefined
    : { target, variables: Object.fromEntries(variables) as Record<string, string> }
}

const testedPaths = (name: string) => commandsOfWorkflow(name).flatMap(run => {
  const { target, variables } = parseMake(run) ?? {}
  return target === 'test' ? variables!.PATHS?.split(' ') ?? [] : []
})

/** The files that one imports, directly or through others. */
function imports (start: string[]): Set<string> {
  const seen = new Set(start)
  for (const file of seen) {
    if (!/\.m?[jt]s$/.test(file)) continue
    for (const [, path] of read(file).matchAll(/(?:from|import)[ (]'(\.{1,2}\/[^']+)'/g)) {
      const imported = join(dirname(file), path!)
      if (FILES.includes(imported)) seen.add(imported)
    }
    for (const [, name] of read(file).matchAll(/from '@guestbook\/([\w-]+)/g)) {
      seen.add(`${existsSync(`${ROOT}services/${name}`) ? 'services/' : ''}${name}/package.json`)
    }
  }
  return seen
}

describe('path filters', () => {
  test('cover every file that a workflow builds', () => {
    const owned = [...FILTERED.flatMap(filterOf), ...PROSE]
    expect(PROSE.filter(pattern => !FILES.some(file => matches([pattern], file)))).toEqual([])
    expect(FILES.filter(file => !matches(owned, file))).toEqual([])
  })

  test.each(FILTERED)('of %s name existing files and whole folders, once each', name => {
    const patterns = filterOf(name)
    expect(patterns.filter(pattern => /[*?![\]+]/.test(pattern.replace(/\/\*\*$/, '')))).toEqual([])
    expect(patterns.filter(pattern => !FILES.some(file => matches([pattern], file)))).toEqual([])
    expect(patterns).toEqual([...new Set(patterns)])
  })

  test.each(FILTERED)('of %s cover what its commands name and what its tests import', name => {
    const filter = filterOf(name)
    expect(filter).toEqual(expect.arrayContaining([...SHARED, `.github/workflows/${name}.yml`]))
    const named = commandsOfWorkflow(name).flatMap(run => {
      const { target = '', variables = {} } = parseMake(run) ?? {}
      const { CHART, PATHS = '', SERVICE } = variables
      return [
        ...PATHS.split(' ').filter(Boolean),
        ...(CHART === undefined ? [] : [`charts/${CHART}`]),
        ...(['image', 'scan'].includes(target)
          ? [`services/${SERVICE}`, 'services/service-kit', 'build.sh', '.dockerignore']
          : [])
      ]
    })
    const needed = [
      ...calledBy(name).map(called => `.github/workflows/${called}.yml`),
      ...named.flatMap(filesUnder),
      ...imports(testedPaths(name).flatMap(filesUnder))
    ]
    expect([...new Set(needed)].filter(file => !matches(filter, file))).toEqual([])
  })
})

describe('commands of workflows', () => {
  /** Each command once. Workflows that are only called appear through their callers. */
  const commands = [...new Set(
    NAMES.filter(name => Object.keys(readWorkflow(ROOT, name).on).join() !== 'workflow_call')
      .flatMap(name => commandsOfWorkflow(name))
  )]

  test.each(commands)('`%s` is one make target or one script, and exists', run => {
    const call = parseMake(run)
    if (call) {
      expect(makeTargets()).toContain(call.target)
      const paths = call.variables.PATHS?.split(' ') ?? []
      expect(paths.filter(path => !existsSync(`${ROOT}${path}`))).toEqual([])
    } else {
      expect(run).toMatch(/^(\.ci\/run|\.\/build\.sh|scripts\/[\w-]+)( [\w.-]+)*$/)
      accessSync(`${ROOT}${run.split(' ')[0]}`, constants.X_OK)
    }
  })
})

test('a pull request runs every test file that it changes', () => {
  const runs = ['pull-request', ...calledWorkflows(ROOT)].flatMap(name =>
    testedPaths(name).map(path => ({ path, filter: pathsOf(readWorkflow(ROOT, name)) }))
  )
  const isRun = (file: string) => runs.some(({ path, filter }) =>
    filesUnder(path).includes(file) && (filter === undefined || matches(filter, file)))
  const tests = FILES.filter(file => file.endsWith('.test.ts'))
  expect(tests.length).toBeGreaterThan(80)
  expect(tests.filter(file => !isRun(file))).toEqual([])
})

test('the docs name existing workflows', () => {
  const named = FILES.filter(file => file.endsWith('.md')).flatMap(file =>
    [...read(file).matchAll(/`(?:\.github\/workflows\/)?([a-z0-9-]+)\.yml`/g)].map(
      ([, name]) => name!
    )
  )
  const known = [...NAMES, ...FILES.map(file => /([\w-]+)\.yml$/.exec(file)?.[1])]
  expect(named.filter(name => !known.includes(name))).toEqual([])
})

test('docs/develop/ci.md explains every variable and secret that workflows read', () => {
  const used = FILES.filter(file => file.startsWith('.github/') && file.endsWith('.yml')).flatMap(
    file => [...read(file).matchAll(/(?:vars|secrets)\.(\w+)/g)].map(([, name]) => name)
  )
  const explained = [
    ...read('docs/develop/ci.md').matchAll(/^\| (?:variable|secret) \| `(\w+)`/gm)
  ].map(([, name]) => name)
  expect(explained.sort()).toEqual([...new Set(used)].sort())
})
