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

/** Relative path of a suite -> milliseconds. */
export type Durations = Record<string, number>

/** The timeout of tests, relative to their time without a mutant, and in addition. */
const SLOWDOWN = 4
const GRACE_MS = 60_000
/** Timeout of all suites without a mutant. */
const BASELINE_MS = 3_600_000
const JEST = [
  'node', '--experimental-vm-modules', '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js', '--runInBand', '--forceExit', '--silent', '--passWithNoTests'
]
// The path of this checkout's sequencer, as an older checkout has none.
const SEQUENCER = fileURLToPath(new URL('sequencer.ts', import.meta.url))
const FIRST_FAILURE = ['--bail', '--testSequencer', SEQUENCER]

const pathsOf = ({ related = [], tests }: Area) => [...related, ...tests]

/** Measures the tests of areas without a mutant. Runs those that fail once more. */
export async function baseline (areas: readonly Area[], sandbox: Sandbox): Promise<Durations> {
  const first = await measure(areas.flatMap(pathsOf), sandbox)
  const second = first.failed.length > 0 ? await measure(first.failed, sandbox) : first
  if (second.failed.length > 0) {
    throw new Error(`the tests fail without a mutant:\n${second.messages.join('\n')}`)
  }
  return { ...first.durations, ...second.durations }
}

interface Suite {
  name: string
  startTime: number
  endTime: number
  status: string
  message: string
}

async function measure (paths: readonly string[], sandbox: Sandbox) {
  const file = join(sandbox.root, 'coverage/baseline.json')
  const command = [...JEST, '--json', '--outputFile', file, ...new Set(paths)]
  const { output } = await sandbox.run(command, { timeoutMs: BASELINE_MS })
  if (!existsSync(file)) throw new Error(`Jest did not end:\n${output.slice(-4000)}`)
  const { testResults }: { testResults: Suite[] } = JSON.parse(readFileSync(file, 'utf8'))
  rmSync(file)
  const failed = testResults.filter(({ status }) => status !== 'passed')
  const durations: Durations = Object.fromEntries(
    testResults.map(({ name, startTime, endTime }) =>
      [relative(sandbox.root, name), endTime - startTime])
  )
  return {
    durations,
    failed: failed.map(({ name }) => name),
    messages: failed.map(({ message }) => message)
  }
}

/** Runs the area's tests on a mutant in the sandbox, and restores the sandbox. */
export async function tryMutant (
  mutant: Mutant,
  area: Area,
  sandbox: Sandbox,
  durations: Durations
): Promise<Verdict> {
  const file = join(sandbox.root, 'coverage/durations.json')
  writeFileSync(file, JSON.stringify(durations))
  const total = Object.entries(durations)
    .filter(([suite]) => pathsOf(area).some(path => suite.startsWith(path)))
    .reduce((sum, [, each]) => sum + each, 0)
  const options = { timeoutMs: SLOWDOWN * total + GRACE_MS, env: { DURATIONS: file } }
  try {
    sandbox.write(mutant.file, mutant.text)
    if (area.generate) {
      const { status } = await sandbox.run(area.generate)
      // A generator that fails, or overwrites the mistake, has detected it.
      const isNoticed = status !== 0 || !sandbox.isChanged()
      if (isNoticed) return { isNoticed, by: area.generate.join(' ') }
    }
    for (const selection of selectionsOf(area, mutant.file)) {
      const { status, output } =
        await sandbox.run([...JEST, ...FIRST_FAILURE, ...selection], options)
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

/** Arguments of Jest: the tests that import the file, then the others. */
function selectionsOf ({ related, tests }: Area, file: string): string[][] {
  if (!related) return [[...tests]]
  // No test imports a template.
  if (!file.endsWith('.ts')) return [[...related], [...tests]]
  return [['--roots', ...related, '--findRelatedTests', file], [...tests]]
}
