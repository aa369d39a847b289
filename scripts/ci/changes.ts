/** `make changes`: the workflows that a change triggers, by their path filters. */
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

/** For each workflow with a path filter the first of these files that matches it, if any. */
export function triggers (root: string, files: string[]): Record<string, string | undefined> {
  return Object.fromEntries(
    workflowNames(root).flatMap(name => {
      const paths = pathsOf(readWorkflow(root, name))
      return paths ? [[name, files.find(file => matches(paths, file))]] : []
    })
  )
}

/** Files that differ between HEAD and its merge base with `base`. Renames count as two files. */
export function changedFiles (root: string, base: string): string[] {
  const args = ['diff', '--name-only', '--no-renames', '-z', `${base}...HEAD`]
  return execFileSync('git', args, {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 64 * 1024 * 1024
  }).split('\0').filter(file => file !== '')
}

if (import.meta.main) {
  const { BASE, GITHUB_OUTPUT } = process.env
  const root = process.cwd()
  const base = BASE || 'main'
  try {
    const files = Object.entries(triggers(root, changedFiles(root, base)))
    for (const [name, file] of files) {
      console.log(file ? `runs  ${name} because of ${file}` : `skips ${name}`)
    }
    const triggered = Object.fromEntries(files.map(([name, file]) => [name, file !== undefined]))
    if (GITHUB_OUTPUT) appendFileSync(GITHUB_OUTPUT, `triggered=${JSON.stringify(triggered)}\n`)
  } catch {
    console.error(`Cannot compare with "${base}": fetch it, or set BASE to a local commit.`)
    process.exitCode = 1
  }
}
