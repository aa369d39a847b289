/** Writes the tables of docs/develop/ci.md from the workflows. */
import { execFileSync } from 'node:child_process'
import {
  commandsOf,
  matches,
  pathsOf,
  readWorkflow,
  workflowNames,
  workflowOf,
  type Job
} from './ci/workflows.ts'
import { generate, ROOT, table, withGenerated } from './generated.ts'

const FILE = 'docs/develop/ci.md'
/** Folders that the table lists by their subfolders. */
const OPENED = ['services', 'charts', 'system-tests', 'tests']

const workflows = workflowNames(ROOT).map(name => ({ name, workflow: readWorkflow(ROOT, name) }))

/** `services/backend` for a file in it, `docs` for one in docs, and a file of the root itself. */
function place (file: string): string {
  const [top, inner] = file.split('/')
  return inner !== undefined && OPENED.includes(top!) ? `${top}/${inner}` : top!
}

/** The workflows that a change triggers, in brackets where only some files of a folder do. */
function callers (): string {
  const files = execFileSync(
    'git',
    ['-c', 'safe.directory=*', 'ls-files', '--cached', '--others', '--exclude-standard', '-z'],
    { cwd: ROOT, encoding: 'utf8' }
  )
    .split('\0')
    .filter(file => file !== '')
    .sort()
  const rows = Object.entries(Object.groupBy(files, place)).map(([name, those = []]) => {
    const called = workflows.flatMap(({ name, workflow }) => {
      const count = those.filter(file => matches(pathsOf(workflow) ?? [], file)).length
      return count === 0 ? [] : [count === those.length ? name : `(${name})`]
    })
    return { name: `\`${name}\``, isFolder: those[0] !== name, called: called.join(', ') || '–' }
  })
  // Files of the root that trigger the same workflows share a row.
  const lines = Object.values(
    Object.groupBy(rows, ({ name, isFolder, called }) => (isFolder ? name : called))
  )
  return table(
    ['a change in', 'triggers'],
    lines.map((those = []) => [those.map(({ name }) => name).join(', '), those[0]!.called])
  )
}

const commandsIn = (job: Job) => [...new Set(commandsOf(ROOT, job.steps))]
  .filter(command => command !== 'make install')
  .map(command => `\`${command}\``)

function rowOf (name: string, id: string, job: Job): string[] {
  const called = workflowOf(job.uses ?? '')
  return [
    name,
    id,
    called === undefined
      ? commandsIn(job).join('<br>') || 'third-party actions only'
      : `calls ${called}`
  ]
}

const jobs = table(
  ['workflow', 'job', 'commands'],
  workflows.flatMap(({ name, workflow }) =>
    Object.entries(workflow.jobs).map(([id, job], index) =>
      rowOf(index === 0 ? `**${name}**` : '', id, job)
    )
  )
)
const tables = `${callers()}\n\n${jobs}`
generate({ [FILE]: withGenerated(FILE, '.github/workflows', 'map', tables) }, 'map')
