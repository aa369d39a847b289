/** Which workflows a change calls for, by the path filters of the workflows themselves. */
import { execFileSync } from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { matches, pathsOf, readWorkflow, workflowNames, workflowOf } from './workflows.ts'

const CALLER = 'pull-request'

/** The workflows that a pull request may call. */
export function calledWorkflows (root: string): string[] {
  return Object.values(readWorkflow(root, CALLER).jobs)
    .map(({ uses = '' }) => workflowOf(uses))
    .filter(name => name !== undefined)
}

/** Each workflow with a path filter, and the first changed file that calls for it; undefined when none does. */
export function callsFor (root: string, files: string[]): Record<string, string | undefined> {
  const filtered = workflowNames(root)
    .map(name => ({ name, paths: pathsOf(readWorkflow(root, name)) }))
    .filter(({ paths }) => paths)
  return Object.fromEntries(
    filtered.map(({ name, paths }) => [name, files.find(file => matches(paths!, file))])
  )
}

/** Files that differ between HEAD and where it left the base; a renamed file counts under both names. */
export function changedFiles (root: string, base: string): string[] {
  const git = (...args: string[]) =>
    execFileSync('git', args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      maxBuffer: 64 * 1024 * 1024
    })
  return git('diff', '--name-only', '--no-renames', '-z', `${base}...HEAD`)
    .split('\0')
    .filter(file => file !== '')
}

if (import.meta.main) {
  const { BASE, GITHUB_OUTPUT } = process.env
  const root = process.cwd()
  const base = BASE || 'main'
  try {
    const calls = callsFor(root, changedFiles(root, base))
    for (const [name, file] of Object.entries(calls)) {
      console.log(`${file ? 'runs ' : 'stays'} ${name}${file ? ` because of ${file}` : ''}`)
      if (GITHUB_OUTPUT) appendFileSync(GITHUB_OUTPUT, `${name}=${file !== undefined}\n`)
    }
  } catch {
    console.error(
      `The changes since "${base}" cannot be told: fetch it, or set BASE to a commit that is here.`
    )
    process.exitCode = 1
  }
}
