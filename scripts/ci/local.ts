/** `make ci WORKFLOW=name`: runs the commands of a workflow and prints a table of results. */
import { parseArgs } from 'node:util'
import { printSummary } from './summary.ts'
import { WorkflowRun } from './workflow-run.ts'
import { workflowNames } from './workflows.ts'

const root = process.cwd()
const usage = `Usage: make ci WORKFLOW=name [JOB=name] [EVENT=pull_request]

Runs the commands of a workflow, as GitHub does for EVENT (pull_request, push, schedule, …).
Third-party actions run on GitHub only. Skips steps whose REQUIRES this computer does not meet.
Reads variables and secrets of the repository from your environment, which overrides that of a step.

Workflows: ${workflowNames(root).join(', ')}`

try {
  const { values, positionals: [name] } = parseArgs({
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
  const run = new WorkflowRun(root, values.event)
  const status = run.workflow(name, values.job)
  printSummary(`${name} on ${values.event}`, run.results)
  process.exitCode = status === 'success' ? 0 : 1
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 2
}
