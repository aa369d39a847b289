/** `make ci WORKFLOW=name`: runs a workflow's `run:` steps here, in order, and says what became of each. */
import { parseArgs } from 'node:util'
import { printSummary } from './summary.ts'
import { WorkflowRun } from './workflow-run.ts'
import { workflowNames } from './workflows.ts'

const root = process.cwd()
const usage = `Usage: make ci WORKFLOW=name [JOB=name] [EVENT=pull_request]

Runs the steps of a workflow that are commands, as GitHub would for EVENT (pull_request, push to main, schedule, …).
Steps that are actions of others run on GitHub only; a step whose NEEDS this computer does not meet is not run, and said so.
Variables and secrets of the repository are read from your environment, and its variables go before those of a step.

Workflows: ${workflowNames(root).join(', ')}`

try {
  const {
    values,
    positionals: [name]
  } = parseArgs({
    allowPositionals: true,
    options: {
      job: { type: 'string' },
      event: { type: 'string', default: 'pull_request' },
      help: { type: 'boolean' }
    }
  })
  if (values.help || name === undefined) {
    console.log(usage)
    process.exit(values.help ? 0 : 2)
  }
  const run = new WorkflowRun(root, { event: values.event, job: values.job })
  const status = run.workflow(name)
  printSummary(`${name} on ${values.event}`, run.results)
  process.exitCode = status === 'success' ? 0 : 1
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 2
}
