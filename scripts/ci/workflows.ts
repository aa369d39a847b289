/** Reads the workflows and composite actions under .github. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

export interface Step {
  name?: string
  id?: string
  if?: string | boolean
  uses?: string
  run?: string
  with?: Record<string, unknown>
  /** Its `REQUIRES` lists the step's requirements, see requirements.ts. */
  env?: Record<string, string>
}

export interface Job {
  if?: string | boolean
  needs?: string | string[]
  uses?: string
  with?: Record<string, unknown>
  secrets?: Record<string, string>
  outputs?: Record<string, string>
  env?: Record<string, string>
  permissions?: Record<string, string>
  steps?: Step[]
  'timeout-minutes'?: number
}

export interface Workflow {
  name: string
  on: Record<string, { paths?: string[], branches?: string[] } | null>
  env?: Record<string, string>
  permissions?: Record<string, string>
  jobs: Record<string, Job>
}

/** Reads `.github/workflows/NAME.yml`. @throws Error that lists the workflows, if it is missing */
export function readWorkflow (root: string, name: string): Workflow {
  const file = join(root, '.github/workflows', `${name}.yml`)
  if (!existsSync(file)) {
    const names = workflowNames(root).join(', ')
    throw new Error(`There is no workflow "${name}". There are: ${names}.`)
  }
  return parse(readFileSync(file, 'utf8')) as Workflow
}

export function workflowNames (root: string): string[] {
  return readdirSync(join(root, '.github/workflows'))
    .filter(file => file.endsWith('.yml'))
    .map(file => file.slice(0, -4))
    .sort()
}

/** Steps of the composite action that `uses: ./…` names. */
export function readAction (root: string, uses: string): Step[] {
  const text = readFileSync(join(root, uses, 'action.yml'), 'utf8')
  return (parse(text) as { runs: { steps: Step[] } }).runs.steps
}

/** The commands of steps, those of composite actions included, with their inputs. */
export function commandsOf (
  root: string,
  steps: Step[] = [],
  inputs: Record<string, unknown> = {}
): string[] {
  return steps.flatMap(({ run, uses = '', with: given }) => {
    if (run !== undefined) return [fillInputs({ run }, inputs).run!.trim()]
    return isOurs(uses) ? commandsOf(root, readAction(root, uses), fillInputs(given, inputs)) : []
  })
}

/** Texts with `${{ inputs.NAME }}` replaced by the inputs that are given. */
export function fillInputs (
  texts: Record<string, unknown> = {},
  inputs: Record<string, unknown>
): Record<string, string> {
  const fill = (text: unknown) => String(text)
    .replaceAll(/\$\{\{ inputs\.(\w+) \}\}/g, (all, name) => String(inputs[name] ?? all))
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, fill(text)]))
}

export const isOurs = (uses: string) => uses.startsWith('./')
export const workflowOf = (uses: string) => /^\.\/\.github\/workflows\/(.+)\.yml$/.exec(uses)?.[1]
export const neededJobs = ({ needs = [] }: Job) => [needs].flat()

/** The path filter: GitHub reads it for pushes, changes.ts for pull requests. */
export const pathsOf = ({ on }: Workflow) => on.push?.paths

/** Patterns are files, or folders with their content (`folder/**`). */
export function matches (paths: string[], file: string): boolean {
  return paths.some(path =>
    path.endsWith('/**') ? file.startsWith(path.slice(0, -2)) : file === path
  )
}
