/**
 * The short form of workflows and composite actions, and what the folder expected-workflows has for
 * each. Change both.
 */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { read } from './repository.ts'

type Values = Record<string, unknown>
interface Step { uses?: string, with?: Values }
interface Job { 'runs-on'?: string, uses?: string, steps?: Step[] }
interface Workflow { name: string, jobs: Record<string, Job> }
interface Action { inputs?: Record<string, { required?: boolean }>, runs: { steps: Step[] } }

/** The default runner of the short form. */
const RUNNER = 'ubuntu-24.04'
const CHECKOUT = { uses: 'actions/checkout', with: { 'persist-credentials': false } }
/** What Renovate updates: a version, or an image with its digest. */
const VERSION = /^(v?\d+\.\d+\.\d+|\S+:v\d+\.\d+\.\d+@sha256:[0-9a-f]{64})$/

/** The expected content of a workflow or, as `actions`, of all composite actions. */
export const expected = (name: string) =>
  parse(readFileSync(new URL(`expected-workflows/${name}.yml`, import.meta.url), 'utf8')) as Values

const mapped = <T, U>(record: Record<string, T>, change: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]))

const withoutVersion = (value: unknown) => VERSION.test(String(value)) ? 'a version' : value

/** A step without versions and commits of actions. A step with one property is its value. */
function shortStep ({ uses, with: inputs, ...rest }: Step): unknown {
  const step = {
    ...(uses === undefined ? {} : { uses: uses.replace(/@.*/, '') }),
    ...rest,
    ...(inputs === undefined ? {} : { with: mapped(inputs, withoutVersion) })
  }
  if (JSON.stringify(step) === JSON.stringify(CHECKOUT)) return 'checkout'
  return Object.keys(step).length === 1 ? Object.values(step)[0] : step
}

function shortJob ({ 'runs-on': runner, steps, ...job }: Job): object {
  const isUsual = job.uses === undefined ? runner === RUNNER : runner === undefined
  return {
    ...(isUsual ? {} : { 'runs-on': runner ?? 'none' }),
    ...job,
    ...(steps === undefined ? {} : { steps: steps.map(shortStep) })
  }
}

/** A workflow without its name. */
export function shortWorkflow (name: string): object {
  const { name: _, jobs, ...rest } = parse(read(`.github/workflows/${name}.yml`)) as Workflow
  return { ...rest, jobs: mapped(jobs, shortJob) }
}

/** A composite action without its name and descriptions. */
export function shortAction (name: string): object {
  const { inputs = {}, runs } = parse(read(`.github/actions/${name}/action.yml`)) as Action
  const { steps, ...rest } = runs
  return {
    inputs: mapped(inputs, ({ required }) => ({ required })),
    ...rest,
    steps: steps.map(shortStep)
  }
}
