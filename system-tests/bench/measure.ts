import { CASES, TITLES, type Case, type ContestantName } from './cases.ts'
import type { Contestant } from './contestants.ts'
import { cpuSeconds, family } from './processes.ts'
import type { ServerProcess } from '../lib/server-process.ts'
import { summarise, type CaseResults, type Round } from './summary.ts'
import { send, type Load } from './wrk.ts'

const WARM_UP_S = 1

export interface MeasureOptions {
  contestants: Partial<Record<ContestantName, Contestant>>
  mongod: ServerProcess
  rounds: number
  seconds: number
  say: (line: string) => void
  /** Called after every round, while everything is still warm. */
  afterRound: () => void
}

/** Sends one load to one contestant, and sees what everything that serves worked meanwhile. */
export async function measureRound (
  contestant: Contestant,
  mongod: ServerProcess,
  load: Load
): Promise<Round> {
  const pids = [mongod, ...contestant.servers].flatMap(({ pid }) => family(pid))
  const before = cpuSeconds(pids)
  const measured = await (contestant.send ?? send)(load)
  return {
    ...measured,
    cpuSeconds:
      cpuSeconds(pids) - before + ('cpuSeconds' in measured ? Number(measured.cpuSeconds) : 0)
  }
}

/** Everyone in turn, the whole round again and again, so that what happens on the computer meanwhile happens to all. */
export async function measureCase (
  { title, kind, of, connections, contestants: names }: Case,
  { contestants, mongod, rounds, seconds, say, afterRound }: MeasureOptions
): Promise<CaseResults> {
  const taking = names.flatMap(name =>
    contestants[name] ? [{ name, contestant: contestants[name], measured: [] as Round[] }] : []
  )
  const load = (contestant: Contestant, seconds: number): Load => ({
    url: contestant.urls[of],
    kind,
    connections,
    seconds
  })
  for (const { contestant } of taking) {
    await measureRound(contestant, mongod, load(contestant, WARM_UP_S))
  }
  for (let round = 0; round < rounds; round++) {
    for (const { contestant, measured } of taking) {
      measured.push(await measureRound(contestant, mongod, load(contestant, seconds)))
      afterRound()
    }
    say(
      `${title}, round ${round + 1} of ${rounds}: ${taking.map(({ name, measured }) => `${TITLES[name]} ${rateOf(measured.at(-1)!)}/s`).join(', ')}`
    )
  }
  return Object.fromEntries(taking.map(({ name, measured }) => [name, summarise(measured)]))
}

const rateOf = ({ requests, errors, seconds }: Round) => Math.round((requests - errors) / seconds)

/** Seconds that the cases take, for people who wait. */
export function expectedSeconds (
  only: string[] | undefined,
  rounds: number,
  seconds: number
): number {
  return CASES.filter(({ id }) => !only || only.includes(id)).reduce(
    (sum, { contestants }) => sum + contestants.length * (rounds * seconds + WARM_UP_S),
    0
  )
}
