import { cpuSeconds, family } from '../lib/processes.ts'
import type { ServerProcess } from '../lib/server-process.ts'
import { CASES, TITLES, type Case, type TargetName } from './cases.ts'
import { summarise, type CaseResults, type Round } from './summary.ts'
import type { Target } from './targets.ts'
import { send, type Load } from './wrk.ts'

const WARM_UP_SECONDS = 1

export interface MeasureOptions {
  targets: Partial<Record<TargetName, Target>>
  mongod: ServerProcess
  rounds: number
  seconds: number
  say: (line: string) => void
  /** Called after every round, while everything is still warm. */
  afterRound: () => void
}

/** Sends a load to a target, and adds the CPU time of every process that serves it. */
export async function measureRound (
  target: Target,
  mongod: ServerProcess,
  load: Load
): Promise<Round> {
  const pids = [mongod, ...target.servers].flatMap(({ pid }) => family(pid))
  const before = cpuSeconds(pids)
  const measured = await (target.send ?? send)(load)
  const own = 'cpuSeconds' in measured ? Number(measured.cpuSeconds) : 0
  return { ...measured, cpuSeconds: cpuSeconds(pids) - before + own }
}

/** Measures all targets in turn, so that a disturbance of the computer affects all of them. */
export async function measureCase (
  { title, kind, of, connections, targets: names }: Case,
  { targets, mongod, rounds, seconds, say, afterRound }: MeasureOptions
): Promise<CaseResults> {
  const measuring = names.flatMap(name => {
    const target = targets[name]
    return target ? [{ name, target, measured: [] as Round[] }] : []
  })
  const measure = async (target: Target, seconds: number) =>
    await measureRound(target, mongod, { url: target.urls[of], kind, connections, seconds })
  for (const { target } of measuring) await measure(target, WARM_UP_SECONDS)
  for (let round = 0; round < rounds; round++) {
    for (const { target, measured } of measuring) {
      measured.push(await measure(target, seconds))
      afterRound()
    }
    const rates = measuring.map(
      ({ name, measured }) => `${TITLES[name]} ${rateOf(measured.at(-1)!)}/s`
    )
    say(`${title}, round ${round + 1} of ${rounds}: ${rates.join(', ')}`)
  }
  return Object.fromEntries(measuring.map(({ name, measured }) => [name, summarise(measured)]))
}

const rateOf = ({ requests, errors, seconds }: Round) => Math.round((requests - errors) / seconds)

/** Seconds that the cases take. */
export function expectedSeconds (
  only: string[] | undefined,
  rounds: number,
  seconds: number
): number {
  return CASES.filter(({ id }) => !only || only.includes(id)).reduce(
    (sum, { targets }) => sum + targets.length * (rounds * seconds + WARM_UP_SECONDS),
    0
  )
}
