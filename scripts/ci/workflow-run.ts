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
interface FinishedJob { result: JobResult, outputs: Record<string, string> }

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
  workflow (
    name: string,
    only?: string,
    prefix = '',
    inputs: Record<string, string> = {}
  ): JobResult {
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
      const needed = Object.fromEntries(
        neededJobs(job)
          .filter(other => other in finished)
          .map(other => [other, finished[other]!])
      )
      finished[id] = this.#job(`${prefix}${id}`, job, {
        inputs,
        env: env ?? {},
        needs: needed,
        only: id === only ? undefined : only
      })
    }
    const all = Object.values(finished)
    return all.some(({ result }) => result === 'failure') ? 'failure' : 'success'
  }

  /** Whether a job calls a workflow that has the job `only`. */
  #calls ({ uses = '' }: Job, only: string): boolean {
    const called = workflowOf(uses)
    return called !== undefined && only in readWorkflow(this.#root, called).jobs
  }

  #job (
    title: string,
    job: Job,
    { inputs, env, needs, only }: {
      inputs: object
      env: Record<string, string>
      needs: Record<string, FinishedJob>
      only: string | undefined
    }
  ): FinishedJob {
    const secrets = { ...process.env, GITHUB_TOKEN: this.#github.token }
    const contexts: Contexts = {
      github: this.#github,
      vars: process.env,
      secrets,
      inputs,
      needs,
      runner: { os: 'Linux', temp: tmpdir() }
    }
    const results = Object.values(needs).map(({ result }) => result)
    const isBlocked =
      results.includes('skipped') && !/always\(\)|cancelled\(\)/.test(String(job.if))
    if (
      isBlocked ||
      !holds(job.if, contexts, results.includes('failure') ? 'failure' : 'success')
    ) {
      this.#note(
        title,
        'all steps',
        'skipped',
        isBlocked || job.if === undefined ? 'a needed job did not pass' : `if: ${job.if}`
      )
      return { result: 'skipped', outputs: {} }
    }
    if (job.uses !== undefined) {
      return {
        result: this.workflow(
          workflowOf(job.uses)!,
          only,
          `${title} / `,
          interpolateAll(job.with, contexts)
        ),
        outputs: {}
      }
    }
    const place = {
      title,
      contexts: {
        ...contexts,
        env: interpolateAll({ ...env, ...job.env }, contexts),
        steps: {} as Record<string, object>
      }
    }
    const status = this.#steps(job.steps ?? [], place, 'success')
    return { result: status, outputs: interpolateAll(job.outputs, place.contexts) }
  }

  #steps (
    steps: Step[],
    place: { title: string; contexts: Contexts & { env: object; steps: Record<string, object> } },
    before: Status
  ): Status {
    return steps.reduce((status, step) => this.#step(step, place, status), before)
  }

  #step (
    step: Step,
    {
      title,
      contexts
    }: { title: string; contexts: Contexts & { env: object; steps: Record<string, object> } },
    status: Status
  ): Status {
    const command = interpolate(step.run ?? step.uses?.replace(/@.*/, '') ?? '', contexts)
    if (!holds(step.if, contexts, status)) {
      if (holds(step.if, contexts, 'success')) this.#note(title, command, 'not reached')
      else this.#note(title, command, 'skipped', `if: ${step.if}`)
      return status
    }
    if (step.uses !== undefined) {
      if (isOurs(step.uses)) {
        // Conditions in a composite action see the status of its own steps only.
        const result = this.#steps(
          readAction(this.#root, step.uses),
          {
            title,
            contexts: { ...contexts, inputs: interpolateAll(step.with, contexts), steps: {} }
          },
          'success'
        )
        return result === 'success' ? status : result
      }
      this.#note(title, command, 'on GitHub')
      return status
    }
    const env = { ...contexts.env, ...interpolateAll(step.env, contexts) } as Record<
      string,
      string
    >
    const lacking = missing(env.REQUIRES ?? '')
    if (lacking.length > 0) {
      this.#note(title, command, 'not run', `needs ${lacking.join(', ')}`)
      return status
    }
    const { isPassed, seconds, outputs } = this.#execute(title, command, env)
    if (step.id !== undefined) {
      contexts.steps[step.id] = { outputs, outcome: isPassed ? 'success' : 'failure' }
    }
    this.#note(title, command, isPassed ? 'passed' : 'FAILED', undefined, seconds)
    return isPassed ? status : 'failure'
  }

  #execute (title: string, command: string, env: Record<string, string>) {
    console.log(`\n── ${title}: ${command}`)
    const folder = mkdtempSync(join(tmpdir(), 'make-ci-'))
    const files = {
      GITHUB_OUTPUT: join(folder, 'output'),
      GITHUB_STEP_SUMMARY: join(folder, 'summary')
    }
    for (const file of Object.values(files)) writeFileSync(file, '')
    const start = performance.now()
    // A make in the command is not a sub-make of ours. Variables of your shell override the step's.
    const { MAKEFLAGS, MAKELEVEL, ...ours } = process.env
    const { status } = spawnSync('bash', ['-eo', 'pipefail', '-c', command], {
      cwd: this.#root,
      stdio: 'inherit',
      env: { ...env, ...ours, ...files }
    })
    const seconds = (performance.now() - start) / 1000
    const lines = readFileSync(files.GITHUB_OUTPUT, 'utf8')
      .split('\n')
      .filter(line => line.includes('='))
    rmSync(folder, { recursive: true })
    const outputs = Object.fromEntries(
      lines.map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])
    )
    return { isPassed: status === 0, seconds, outputs }
  }

  #note (job: string, step: string, outcome: Outcome, why?: string, seconds?: number): void {
    this.results.push({
      job,
      step,
      outcome,
      ...(why === undefined ? {} : { why }),
      ...(seconds === undefined ? {} : { seconds })
    })
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
      throw new Error(
        `The jobs ${Object.keys(jobs)
          .filter(id => !sorted.has(id))
          .join(', ')} need each other or a missing job.`
      )
    }
    sorted.set(...next)
  }
  return [...sorted]
}
