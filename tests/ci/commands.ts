/** What the commands of a workflow build from. */
import { realpathSync } from 'node:fs'
import { join, relative } from 'node:path'
import { interpolate } from '../../scripts/ci/expressions.ts'
import {
  isOurs,
  readAction,
  readWorkflow,
  workflowOf,
  type Job,
  type Step,
  type Workflow
} from '../../scripts/ci/workflows.ts'
import { closure, filesUnder, makeTargets, read, ROOT } from './repository.ts'

/** A step that is a command, with the inputs of its composite action filled in. */
export interface Command { readonly run: string, readonly step: Step }

export function commandsOf (workflow: Workflow): Command[] {
  return Object.values(workflow.jobs).flatMap(job => commandsOfJob(job))
}

/**
 * Jobs that the path filter is for. Those of a schedule alone have no part in it, nor has the deployment: it applies all that
 * the commit holds, whatever has called for it.
 */
export const jobsOfChange = ({ jobs }: Workflow) =>
  Object.values(jobs).filter(
    job => !String(job.if).includes("'schedule'") && workflowOf(job.uses ?? '') !== 'deploy'
  )

export function commandsOfJob ({ uses, steps = [], with: inputs = {} }: Job): Command[] {
  const called = workflowOf(uses ?? '')
  return called === undefined
    ? commandsOfSteps(steps, {})
    : commandsOf(readWorkflow(ROOT, called)).map(command => fill(command, inputs))
}

export function commandsOfSteps (steps: Step[], inputs: Record<string, unknown>): Command[] {
  return steps.flatMap(step => {
    if (step.run !== undefined) return [fill({ run: step.run, step }, inputs)]
    return step.uses !== undefined && isOurs(step.uses)
      ? commandsOfSteps(readAction(ROOT, step.uses), step.with ?? {})
      : []
  })
}

const fill = ({ run, step }: Command, inputs: Record<string, unknown>) => ({
  run: Object.keys(inputs).length > 0 ? interpolate(run, { inputs }) : run,
  step
})

export interface MakeCall { readonly target: string, readonly variables: Record<string, string> }

/** `make test PATHS="a b"` -> its target and variables; undefined for anything that is not one make target. */
export function parseMake (run: string): MakeCall | undefined {
  const [, target, rest] = /^make ([a-z0-9-]+)((?: [A-Z]+=(?:"[^"]*"|\S+))*)$/.exec(run) ?? []
  if (target === undefined) return undefined
  return {
    target,
    variables: Object.fromEntries(
      [...rest!.matchAll(/([A-Z]+)=(?:"([^"]*)"|(\S+))/g)].map(([, name, quoted, plain]) => [
        name,
        quoted ?? plain
      ])
    )
  }
}

export const pathsOfCall = ({ variables }: MakeCall) => variables.PATHS?.split(' ') ?? []

const BUILDS_IMAGE = ['image', 'scan']

/** Every file of the repository that can change what the command does. */
export function inputsOf (run: string): Set<string> {
  const call = parseMake(run)
  if (!call) return closure([run.split(' ')[0]!.replace(/^\.\//, '')])
  const recipes = allNeeded(call.target, makeTargets())
    .join('\n')
    .replaceAll(/\$\(call touches,[^)]*\)/g, '')
  const named = [
    ...recipes.matchAll(/(?:scripts|system-tests|tests|infra)\/[\w./-]+|build\.sh|package(?:-lock)?\.json/g)
  ].map(([path]) => path)
  // Tests reach further than their own files; a linter only looks at these.
  const paths = pathsOfCall(call).flatMap(path => filesUnder(path))
  const reached = closure([...named, ...(call.target === 'test' ? paths : [])])
  const chart = call.variables.CHART === undefined
    ? []
    : filesUnder(`charts/${call.variables.CHART}`).flatMap(withTarget)
  const image = BUILDS_IMAGE.includes(call.target) ? imageInputs(call.variables.SERVICE!) : []
  return new Set(['Makefile', 'package.json', 'package-lock.json', ...reached, ...paths, ...chart, ...image])
}

/** A file, and what it links to. */
function withTarget (file: string): string[] {
  const target = relative(realpathSync(ROOT), realpathSync(join(ROOT, file)))
  return target === file ? [file] : [file, ...filesUnder(target)]
}

function allNeeded (target: string, targets: ReturnType<typeof makeTargets>): string[] {
  const { needs = [], recipe = '' } = targets[target] ?? {}
  const called = [...recipe.matchAll(/\$\(MAKE\).*? ([a-z][a-z-]*)\b(?! *=)/g)].map(
    ([, name]) => name!
  )
  return [
    recipe,
    needs.join(' '),
    ...[...needs, ...called].flatMap(need => allNeeded(need, targets))
  ]
}

/** What the Dockerfile of a service copies, and what decides about that. */
function imageInputs (service: string): Set<string> {
  const dockerfile = `services/${service}/Dockerfile`
  const copied = [...read(dockerfile).matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(
    ([, sources]) => sources!.split(' ')
  )
  return new Set([
    'build.sh',
    '.dockerignore',
    dockerfile,
    ...copied.flatMap(path => filesUnder(path))
  ])
}
