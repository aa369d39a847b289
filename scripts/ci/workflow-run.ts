/** Runs a workflow on this computer. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { holds, interpolate, interpolateAll, type Contexts, type Status } from './expressions.ts'
import { missing } from './requirements.ts'
import type { Outcome, StepResult } from './summary.ts'
import {
  isOurs,
  neededJobs,
  readAction,
  readWorkflow,
  workflowOf,
  type Job,
  type Step
} from './workflows.ts'

type JobResult = Status | 'skipped'
type Strings = Record<string, string>
interface FinishedJob { result: JobResult, outputs: Strings }
interface JobContext {
  inputs: object
  env: Strings
  needs: Record<string, FinishedJob>
  /** The only job of a called workflow that runs. */
  only: string | undefined
}
/** Where steps run. `contexts.steps` collects their outcomes. */
interface Place {
  title: string
  contexts: Contexts & { env: object, steps: Record<string, object> }
}

export class WorkflowRun {
  readonly results: StepResult[] = []
  readonly #root: string
  readonly #github: Contexts

  /** @param event the event that triggers the run, such as pull_request */
  constructor (root: string, event: string) {
    this.#root = root
    const { GITHUB_REPOSITORY = '', GITHUB_TOKEN = '' } = process.env
    const sha = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim()
    const ref = event === 'pull_request' ? 'refs/pull/0/merge' : 'refs/heads/main'
    this.#github = {
      event_name: event,
      event: {},
      ref,
      ref_name: ref.replace(/^refs\/(heads|pull)\//, ''),
      sha,
      repository: GITHUB_REPOSITORY,
      token: GITHUB_TOKEN,
      actor: process.env.USER ?? ''
    }
  }

  /** Runs all jobs, or only one. @throws Error when the workflow or job is missing */
  workflow (name: string, only?: string, prefix = '', inputs: Strings = {}): JobResult {
    const { jobs, env } = readWorkflow(this.#root, name)
    const isSelected = (id: string) =>
      only === undefined || id === only || (!jobs[only] && this.#calls(jobs[id]!, only))
    if (!Object.keys(jobs).some(isSelected)) {
      throw new Error(
        `The workflow ${name} has no job "${only}". It has: ${Object.keys(jobs).join(', ')}.`
      )
    }
    const finished: Record<string, FinishedJob> = {}
    for (const [id, job] of inOrder(jobs)) {
      if (!isSelected(id)) continue
      const needs = Object.fromEntries(
        neededJobs(job).filter(other => other in finished).map(other => [other, finished[other]!])
      )
      finished[id] = this.#job(`${prefix}${id}`, job, {
        inputs, env: env ?? {}, needs, only: id === only ? undefined : only
      })
    }
    const hasFailed = Object.values(finished).some(({ result }) => result === 'failure')
    return hasFailed ? 'failure' : 'success'
  }

  /** Whether a job calls a workflow that has the job `only`. */
  #calls ({ uses = '' }: Job, only: string): boolean {
    const called = workflowOf(uses)
    return called !== undefined && only in readWorkflow(this.#root, called).jobs
  }

  #job (title: string, job: Job, { inputs, env, needs, only }: JobContext): FinishedJob {
    const contexts: Contexts = {
      github: this.#github,
      vars: process.env,
      secrets: { ...process.env, GITHUB_TOKEN: this.#github.token },
      inputs,
      needs,
      runner: { os: 'Linux', temp: tmpdir() }
    }
    const results = Object.values(needs).map(({ result }) => result)
    const isBlocked =
      results.includes('skipped') && !/always\(\)|cancelled\(\)/.test(String(job.if))
    const before = results.includes('failure') ? 'failure' : 'success'
    if (isBlocked || !holds(job.if, contexts, before)) {
      const isUnmet = isBlocked || job.if === undefined
      const why = isUnmet ? 'a needed job did not pass' : `if: ${job.if}`
      this.#note(title, 'all steps', 'skipped', { why })
      return { result: 'skipped', outputs: {} }
    }
    if (job.uses !== undefined) {
      const given = interpolateAll(job.with, contexts)
      const result = this.workflow(workflowOf(job.uses)!, only, `${title} / `, given)
      return { result, outputs: {} }
    }
    const variables = interpolateAll({ ...env, ...job.env }, contexts)
    const place: Place = { title, contexts: { ...contexts, env: variables, steps: {} } }
    const result = this.#steps(job.steps ?? [], place)
    return { result, outputs: interpolateAll(job.outputs, place.contexts) }
  }

  #steps (steps: Step[], place: Place): Status {
    return steps.reduce<Status>((status, step) => this.#step(step, place, status), 'success')
  }

  #step (step: Step, { title, contexts }: Place, status: Status): Status {
    const command = interpolate(step.run ?? step.uses?.replace(/@.*/, '') ?? '', contexts)
    if (!holds(step.if, contexts, status)) {
      if (holds(step.if, contexts, 'success')) this.#note(title, command, 'not reached')
      else this.#note(title, command, 'skipped', { why: `if: ${step.if}` })
      return status
    }
    if (step.uses !== undefined && isOurs(step.uses)) {
      // Conditions in a composite action see the status of its own steps only.
      const inputs = interpolateAll(step.with, contexts)
      const place = { title, contexts: { ...contexts, inputs, steps: {} } }
      const result = this.#steps(readAction(this.#root, step.uses), place)
      return result === 'success' ? status : result
    }
    if (step.uses !== undefined) {
      this.#note(title, command, 'on GitHub')
      return status
    }
    const env: Strings = { ...contexts.env, ...interpolateAll(step.env, contexts) }
    const lacking = missing(env.REQUIRES ?? '')
    if (lacking.length > 0) {
      this.#note(title, command, 'not run', { why: `needs ${lacking.join(', ')}` })
      return status
    }
    const { isPassed, seconds, outputs } = this.#execute(title, command, env)
    if (step.id !== undefined) {
      contexts.steps[step.id] = { outputs, outcome: isPassed ? 'success' : 'failure' }
    }
    this.#note(title, command, isPassed ? 'passed' : 'FAILED', { seconds })
    return isPassed ? status : 'failure'
  }

  #execute (title: string, command: string, env: Strings) {
    console.log(`\n── ${title}: ${command}`)
    const folder = mkdtempSync(join(tmpdir(), 'make-ci-'))
    const output = join(folder, 'output')
    writeFileSync(output, '')
    const files = { GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: join(folder, 'summary') }
    const start = performance.now()
    // A make in the command is not a sub-make of ours. Variables of your shell override the step's.
    const { MAKEFLAGS, MAKELEVEL, ...ours } = process.env
    const { status } = spawnSync('bash', ['-eo', 'pipefail', '-c', command], {
      cwd: this.#root,
      stdio: 'inherit',
      env: { ...env, ...ours, ...files }
    })
    const seconds = (performance.now() - start) / 1000
    const lines = readFileSync(output, 'utf8').matchAll(/^(.*?)=(.*)$/gm)
    rmSync(folder, { recursive: true })
    const outputs = Object.fromEntries([...lines].map(([, name, value]) => [name!, value!]))
    return { isPassed: status === 0, seconds, outputs }
  }

  #note (
    job: string, step: string, outcome: Outcome, more: Pick<StepResult, 'why' | 'seconds'> = {}
  ): void {
    this.results.push({ job, step, outcome, ...more })
  }
}

/** Sorts jobs after those that they need. @throws Error on a missing job or a cycle */
function inOrder (jobs: Record<string, Job>): Array<[string, Job]> {
  const sorted = new Map<string, Job>()
  while (sorted.size < Object.keys(jobs).length) {
    const next = Object.entries(jobs).find(
      ([id, job]) => !sorted.has(id) && neededJobs(job).every(other => sorted.has(other))
    )
    if (!next) {
      const rest = Object.keys(jobs).filter(id => !sorted.has(id))
      throw new Error(`The jobs ${rest.join(', ')} need each other or a missing job.`)
    }
    sorted.set(...next)
  }
  return [...sorted]
}
