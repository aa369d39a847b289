/** `make mutants`: measures how many small mistakes the tests detect. */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { AREAS, type Area } from './areas.ts'
import { filesOfArea, filesUnder, git } from './files.ts'
import type { Mutant } from './mutant.ts'
import { mutantsOf, shuffled } from './sample.ts'
import { Sandbox } from './sandbox.ts'
import {
  describe,
  isHarmless,
  raised,
  reportOf,
  scoresOf,
  shortfalls,
  tableOf,
  type Floors,
  type Harmless,
  type Tried
} from './score.ts'
import { baseline, tryMutant, type Durations } from './trial.ts'
import { Validity } from './validity.ts'

const HELP = `Usage: make mutants [ARGS="[options] [path...]"]
Changes a copy of the code by one small mistake at a time, and runs the tests that should detect it.
Without a path: files that differ from main, committed or not.
  --all            files of all areas: ${AREAS.map(({ name }) => name).join(', ')}
  --count N        mutants for each area (default: 20)
  --seed TEXT      another sample (default: guestbook)
  --workers N      mutants at the same time (default: 2)
  --source FOLDER  checkout that is tried (default: this one)
  --mutants FILE   try those that this report of an earlier run lists as survivors
  --reports FOLDER where mutants.json and mutants.md are written (default: reports/mutants)
  --floor          fail when an area's score is under scripts/mutants/floor.json
  --raise          write higher scores into scripts/mutants/floor.json
Exit code 1: survivors among the files given, or a score under the floor; 2: a wrong option.`

const HERE = fileURLToPath(new URL('.', import.meta.url))
const readJson = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T

const { values: options, positionals: paths } = (() => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        all: { type: 'boolean' },
        count: { type: 'string', default: '20' },
        seed: { type: 'string', default: 'guestbook' },
        workers: { type: 'string', default: '2' },
        source: { type: 'string', default: fileURLToPath(new URL('../..', import.meta.url)) },
        mutants: { type: 'string' },
        reports: { type: 'string', default: 'reports/mutants' },
        floor: { type: 'boolean' },
        raise: { type: 'boolean' },
        help: { type: 'boolean' }
      }
    })
  } catch (error) {
    return refuse((error as Error).message)
  }
})()
if (options.help) {
  console.log(HELP)
  process.exit()
}
const [count, workers] = [options.count, options.workers].map(Number)
if (!(count! > 0 && workers! > 0)) refuse('--count and --workers are numbers above 0.')
const source = resolve(options.source)

function refuse (message: string): never {
  console.error(`${message}\n${HELP}`)
  process.exit(2)
}

/** Files of an area that the arguments name. */
function chosenFiles (area: Area): string[] {
  const all = filesOfArea(source, area)
  if (options.all || options.mutants) return all
  const named =
    paths.length > 0
      ? filesUnder(source, paths)
      : git(source, 'diff', '--name-only', '-z', 'main')
  return all.filter(file => named.includes(file))
}

interface Task {
  readonly area: Area
  readonly mutant: Mutant
}

/** The first valid mutants in the order of each area. */
function tasks (): Task[] {
  const survivors = options.mutants
    ? readJson<Tried[]>(options.mutants).filter(({ isNoticed }) => !isNoticed)
    : undefined
  const harmless = readJson<Harmless[]>(`${HERE}harmless.json`)
  const validity = new Validity(source)
  return AREAS.flatMap(area => {
    const candidates = shuffled(
      chosenFiles(area).flatMap(file =>
        mutantsOf(file, readFileSync(`${source}/${file}`, 'utf8'))
      ),
      options.seed
    )
    const wanted = survivors
      ? candidates.filter(mutant =>
        survivors.some(
          ({ file, after, before }) =>
            file === mutant.file && after === mutant.after && before === mutant.before
        )
      )
      : candidates
    const taken: Task[] = []
    for (const mutant of wanted) {
      if (!survivors && taken.length === count) break
      if (!isHarmless(mutant, harmless) && validity.accepts(mutant, area.project)) {
        taken.push({ area, mutant })
      }
    }
    return taken
  })
}

const queue = (() => {
  try {
    return tasks()
  } catch (error) {
    return refuse((error as Error).message)
  }
})()
if (queue.length === 0) refuse('No mutant can be made of these files.')
const areas = [...new Set(queue.map(({ area }) => area))]
console.log(`mutants: ${queue.length} in ${areas.map(({ name }) => name).join(', ')}`)

const sandboxes = Array.from(
  { length: Math.min(workers!, queue.length) },
  () => new Sandbox(source)
)
const removeAll = () => {
  for (const sandbox of sandboxes) sandbox.remove()
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    removeAll()
    process.exit(130)
  })
}

const tried: Tried[] = []
const total = queue.length
mkdirSync(options.reports, { recursive: true })

const durations: Durations = {}
const measured = new Map<Area, Promise<void>>()

/** Measures an area's tests once. */
async function ready (area: Area, sandbox: Sandbox): Promise<void> {
  if (!measured.has(area)) {
    console.log(`mutants: the tests of ${area.name} without a mutant`)
    measured.set(area, baseline(area, sandbox, durations))
  }
  await measured.get(area)
}

async function work (sandbox: Sandbox): Promise<void> {
  for (let task = queue.shift(); task; task = queue.shift()) {
    const { area, mutant } = task
    await ready(area, sandbox)
    const verdict = await tryMutant(mutant, area, sandbox, durations)
    tried.push({ ...mutant, ...verdict, area: area.name })
    const outcome = verdict.isNoticed ? `noticed by ${verdict.by}` : 'SURVIVED'
    console.log(`[${tried.length}/${total}] ${outcome}: ${describe(mutant)}`)
    write()
  }
}

function write (): void {
  // Reports have excerpts instead of whole files.
  writeFileSync(
    `${options.reports}/mutants.json`,
    JSON.stringify(
      tried.map(({ text, ...rest }) => rest),
      null,
      1
    )
  )
  writeFileSync(`${options.reports}/mutants.md`, reportOf(tried))
}

try {
  await Promise.all(sandboxes.map(sandbox => work(sandbox)))
} finally {
  removeAll()
}

const scores = scoresOf(tried)
console.log(`\n${tableOf(scores)}`)
if (process.env.GITHUB_STEP_SUMMARY) {
  appendFileSync(process.env.GITHUB_STEP_SUMMARY, reportOf(tried))
}
const floors = readJson<Floors>(`${HERE}floor.json`)
if (options.raise) {
  writeFileSync(`${HERE}floor.json`, `${JSON.stringify(raised(scores, floors), null, 2)}\n`)
}
const problems = options.floor
  ? shortfalls(scores, floors)
  : tried.filter(({ isNoticed }) => !isNoticed).map(describe)
if (problems.length > 0) {
  console.error(`\n${options.floor ? 'Under the floor' : 'Survivors'}:\n${problems.join('\n')}`)
  process.exitCode = 1
}
