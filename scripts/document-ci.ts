/** Writes the tables of docs/develop/ci.md from the workflows as they are; --check only tells whether they are current. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  commandsOf,
  matches,
  pathsOf,
  readWorkflow,
  workflowNames,
  workflowOf,
  type Job
} from './ci/workflows.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const FILE = `${ROOT}docs/develop/ci.md`
const START = '<!-- Generated from .github/workflows by `make map`. -->'
const END = '<!-- End of the generated part. -->'
/** Folders that are shown by what is in them. */
const OPENED = ['services', 'charts', 'system-tests', 'tests']

const workflows = workflowNames(ROOT).map(name => ({ name, workflow: readWorkflow(ROOT, name) }))
const table = (head: string[], rows: string[][]) =>
  [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')

/** `services/backend` for a file anywhere in it, `docs` for one in docs, and the file itself where it stands between folders. */
function place (file: string): string {
  const [top, inner] = file.split('/')
  return inner !== undefined && OPENED.includes(top!) ? `${top}/${inner}` : top!
}

/** Per place the workflows that a change in it calls for, in brackets where only some of its files do. */
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
  // Files that call for the same are one line.
  const lines = Object.values(
    Object.groupBy(rows, ({ name, isFolder, called }) => (isFolder ? name : called))
  )
  return table(
    ['a change in', 'calls for'],
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
const text = readFileSync(FILE, 'utf8')
const [before, after] = [text.indexOf(START), text.indexOf(END)]
if (before < 0 || after < before) throw new Error(`docs/develop/ci.md needs the lines ${START} and ${END}`)
const current = `${text.slice(0, before)}${START}\n\n${callers()}\n\n${jobs}\n\n${text.slice(after)}`
if (!process.argv.includes('--check')) writeFileSync(FILE, current)
else if (text !== current) {
  console.error('docs/develop/ci.md is stale: run `make map` and commit the result.')
  process.exitCode = 1
}
