/** `make mutants`: measures how many small mistakes the tests detect. */
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { AREAS, filesOfArea, filesUnder, git, type Area } from './areas.ts'
import { mutantsOf, shuffled, type Mutant } from './mutant.ts'
import { Sandbox } from './sandbox.ts'
import {
  describe, isHarmless, raised, reportOf, scoresOf, shortfalls, tableOf,
  type Floors, type Harmless, type Tried
} from './score.ts'
import { baseline, tryMutant } from './trial.ts'
import { isValid } from './validity.ts'

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

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const FLOORS = `${ROOT}scripts/mutants/floor.json`
const HARMLESS = `${ROOT}scripts/mutants/harmless.json`
const readJson = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8'))

function reject (error: unknown): never {
  console.error(`${(error as Error).message}\n${HELP}`)
  process.exit(2)
}

function parseOptions () {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      all: { type: 'boolean' },
      count: { type: 'string', default: '20' },
      seed: { type: 'string', default: 'guestbook' },
      workers: { type: 'string', default: '2' },
      source: { type: 'string', default: ROOT },
      mutants: { type: 'string' },
      reports: { type: 'string', default: 'reports/mutants' },
      floor: { type: 'boolean' },
      raise: { type: 'boolean' },
      help: { type: 'boolean' }
    }
  })
  if (values.help) {
    console.log(HELP)
    process.exit()
  }
  const [count, workers, source] =
    [Number(values.count), Number(values.workers), resolve(values.source)]
  if (!(count > 0 && workers > 0)) throw new Error('--count and --workers are numbers above 0.')
  return { ...values, count, workers, source, paths: positionals }
}
type Options = ReturnType<typeof parseOptions>

/** Files of an area that the arguments name. */
function chosenFiles (area: Area, { all, mutants, paths, source }: Options): string[] {
  const files = filesOfArea(source, area)
  if (all || mutants) return files
  const named =
    paths.length > 0 ? filesUnder(source, paths) : git(source, 'diff', '--name-only', '-z', 'main')
  return files.filter(file => named.includes(file))
}

/** The first valid mutants of each area, in the order of the seed. */
function sample (options: Options): Array<{ area: Area, mutant: Mutant }> {
  const { count, seed, source } = options
  const survivors = options.mutants && readJson<Tried[]>(options.mutants)
    .filter(({ isNoticed }) => !isNoticed)
  const harmless = readJson<Harmless>(HARMLESS)
  const isWanted = (mutant: Mutant) =>
    !isHarmless(mutant, harmless) && (!survivors || survivors.some(({ file, before, after }) =>
      mutant.file === file && mutant.before === before && mutant.after === after))
  const tasks = AREAS.flatMap(area => {
    const mutants = chosenFiles(area, options)
      .flatMap(file => mutantsOf(file, readFileSync(`${source}/${file}`, 'utf8')))
    const taken: Mutant[] = []
    for (const mutant of shuffled(mutants.filter(isWanted), seed)) {
      if (!survivors && taken.length === count) break
      if (isValid(source, mutant, area.project)) taken.push(mutant)
    }
    return taken.map(mutant => ({ area, mutant }))
  })
  if (tasks.length === 0) throw new Error('No mutant can be made of these files.')
  return tasks
}

/** Tries all mutants, several at the same time, and writes the report after each. */
async function tryAll (options: Options, queue: ReturnType<typeof sample>): Promise<Tried[]> {
  const total = queue.length
  const areas = [...new Set(queue.map(({ area }) => area))]
  console.log(`mutants: ${total} in ${areas.map(({ name }) => name).join(', ')}`)
  const sandboxes = Array.from({ length: Math.min(options.workers, total) },
    () => new Sandbox(options.source))
  process.on('exit', () => { for (const sandbox of sandboxes) sandbox.remove() })
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130))

  console.log('mutants: the tests without a mutant')
  const durations = await baseline(areas, sandboxes[0]!)
  const tried: Tried[] = []
  mkdirSync(options.reports, { recursive: true })
  await Promise.all(sandboxes.map(async sandbox => {
    for (let task = queue.shift(); task; task = queue.shift()) {
      const { area, mutant } = task
      const verdict = await tryMutant(mutant, area, sandbox, durations)
      tried.push({ ...mutant, ...verdict, area: area.name })
      const outcome = verdict.isNoticed ? `noticed by ${verdict.by}` : 'SURVIVED'
      console.log(`[${tried.length}/${total}] ${outcome}: ${describe(mutant)}`)
      const withoutText = tried.map(({ text, ...rest }) => rest)
      writeFileSync(`${options.reports}/mutants.json`, JSON.stringify(withoutText, null, 1))
      writeFileSync(`${options.reports}/mutants.md`, reportOf(tried))
    }
  }))
  return tried
}

let options: Options
let tasks: ReturnType<typeof sample>
try {
  options = parseOptions()
  tasks = sample(options)
} catch (error) {
  reject(error)
}
const tried = await tryAll(options, tasks)
const scores = scoresOf(tried)
console.log(`\n${tableOf(scores)}`)
const { GITHUB_STEP_SUMMARY } = process.env
if (GITHUB_STEP_SUMMARY) appendFileSync(GITHUB_STEP_SUMMARY, reportOf(tried))
const floors = readJson<Floors>(FLOORS)
if (options.raise) {
  writeFileSync(FLOORS, `${JSON.stringify(raised(scores, floors), null, 2)}\n`)
}
const problems = options.floor
  ? shortfalls(scores, floors)
  : tried.filter(({ isNoticed }) => !isNoticed).map(describe)
if (problems.length > 0) {
  console.error(`\n${options.floor ? 'Under the floor' : 'Survivors'}:\n${problems.join('\n')}`)
  process.exitCode = 1
}
