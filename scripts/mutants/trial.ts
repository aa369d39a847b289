import { join, relative } from 'node:path'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Area } from './areas.ts'
import type { Mutant } from './mutant.ts'
import type { Sandbox } from './sandbox.ts'

/** Whether a mutant was detected, and by what: a suite, a generator, or a timeout. */
export interface Verdict {
  readonly isNoticed: boolean
  readonly by: string
}

/** The timeout of tests, relative to their time without a mutant, and in addition. */
const SLOWNESS = 4
const GRACE_MS = 60_000
/** Timeout of all suites of an area. */
const BASELINE_MS = 3_600_000

/** Relative path of a suite -> milliseconds. */
export type Durations = Record<string, number>

/**
 * Measures the tests of an area that are not measured yet, without a mutant. Suites that fail run
 * again, because the computer may have been busy.
 *
 * @param measured suites of other areas; gets those of this one
 */
export async function baseline (area: Area, sandbox: Sandbox, measured: Durations): Promise<void> {
  const paths = [...(area.related ?? []), ...area.tests]
  const failed = await measure(paths, sandbox, measured)
  if (failed.length === 0) return
  const stillFailed = await measure(
    failed.map(({ suite }) => suite),
    sandbox,
    measured
  )
  if (stillFailed.length > 0) {
    const messages = stillFailed.map(({ message }) => message).join('\n')
    throw new Error(`the tests of ${area.name} fail without a mutant:\n${messages}`)
  }
}

interface Failure {
  readonly suite: string
  readonly message: string
}

async function measure (
  paths: readonly string[],
  sandbox: Sandbox,
  measured: Durations
): Promise<Failure[]> {
  const results = join(sandbox.root, 'coverage/baseline.json')
  const done = Object.keys(measured).map(suite => `/${suite}$`)
  const ignored =
    done.length > 0 ? ['--testPathIgnorePatterns', '/node_modules/', ...done, '--'] : []
  const { output } = await sandbox.run(
    [...JEST, '--json', '--outputFile', results, '--passWithNoTests', ...ignored, ...paths],
    { timeoutMs: BASELINE_MS }
  )
  if (!existsSync(results)) throw new Error(`Jest did not end:\n${output.slice(-4000)}`)
  const { testResults } = JSON.parse(readFileSync(results, 'utf8')) as {
    testResults: Array<{
      name: string
      startTime: number
      endTime: number
      status: string
      message: string
    }>
  }
  rmSync(results)
  const failed: Failure[] = []
  for (const { name, startTime, endTime, status, message } of testResults) {
    const suite = relative(sandbox.root, name)
    if (status === 'passed') measured[suite] = endTime - startTime
    else failed.push({ suite, message })
  }
  return failed
}

const JEST = [
  'node',
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
  '--runInBand',
  '--forceExit',
  '--silent'
]
const FIRST_FAILURE = [
  '--bail',
  '--testSequencer',
  fileURLToPath(new URL('sequencer.ts', import.meta.url)), // an older checkout has none
  '--passWithNoTests'
]

/** Runs the area's tests on a mutant in the sandbox, and restores the sandbox. */
export async function tryMutant (
  mutant: Mutant,
  area: Area,
  sandbox: Sandbox,
  durations: Durations
): Promise<Verdict> {
  const file = join(sandbox.root, 'coverage/durations.json')
  writeFileSync(file, JSON.stringify(durations))
  const paths = [...(area.related ?? []), ...area.tests]
  const total = Object.entries(durations)
    .filter(([suite]) => paths.some(path => suite.startsWith(path)))
    .reduce((sum, [, each]) => sum + each, 0)
  const options = { timeoutMs: SLOWNESS * total + GRACE_MS, env: { DURATIONS: file } }
  try {
    sandbox.write(mutant.file, mutant.text)
    for (const command of area.generate ?? []) {
      const { status } = await sandbox.run(command)
      if (status !== 0) return { isNoticed: true, by: command.join(' ') }
    }
    for (const selection of selectionsOf(area, mutant.file)) {
      const { status, output } = await sandbox.run(
        [...JEST, ...FIRST_FAILURE, ...selection],
        options
      )
      if (status === null) return { isNoticed: true, by: 'timeout' }
      if (status === 0) continue
      const suite = /^FAIL (\S+)/m.exec(output)?.[1]
      if (!suite) throw new Error(`Jest failed without a failing suite:\n${output.slice(-4000)}`)
      return { isNoticed: true, by: suite }
    }
    return { isNoticed: false, by: '' }
  } finally {
    sandbox.restore()
  }
}

/** Arguments of Jest, beginning with the tests that are most specific. */
function selectionsOf ({ related, tests }: Area, file: string): string[][] {
  if (!related) return [[...tests]]
  // No test imports a template.
  const nearest = file.endsWith('.ts')
    ? ['--roots', ...related, '--findRelatedTests', file]
    : [...related]
  return [nearest, [...tests]]
}
