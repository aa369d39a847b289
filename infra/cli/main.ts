/** What the make targets call: `node infra/cli/main.ts COMMAND`. */
import { fileURLToPath } from 'node:url'
import { checkVersions } from './versions.ts'
import { context, type Context } from './context.ts'
import { doctor } from './doctor/doctor.ts'
import { down } from './down.ts'
import { lock } from './lock.ts'
import { logs } from './logs.ts'
import { open } from './open.ts'
import { plan } from './plan.ts'
import { smoke } from './smoke.ts'
import { status } from './status.ts'
import { up } from './up.ts'
import { validate } from './validate.ts'
import { ConfigError } from '../src/config/load.ts'
import { Failure } from './failure.ts'

interface Command {
  readonly about: string
  readonly run: (context: Context) => Promise<void> | void
}

const commands: Readonly<Record<string, Command>> = {
  doctor: { about: 'Check that this computer can run a deployment', run: doctor },
  up: { about: 'Deploy the platform, or apply what changed, and test it', run: up },
  plan: { about: 'Show what a deployment would change', run: plan },
  smoke: { about: 'Post and read a message, and check every component', run: smoke },
  status: { about: 'Show URLs, pods and credentials', run: status },
  open: { about: 'Open the component that NAME names', run: open },
  logs: { about: 'Follow the logs of the services', run: logs },
  down: { about: 'Destroy the platform, messages included', run: down },
  validate: { about: 'Validate the Terraform files, as JSON and as HCL', run: validate },
  lock: { about: 'Write the checksums of the Terraform providers', run: lock },
  'chart-values': {
    about: 'Verify that third-party charts have the values that they get',
    // The module loads CDKTF, which takes most of a second.
    run: async context => (await import('./chart-values/chart-values.ts')).chartValues(context)
  },
  versions: { about: 'Warn of components that end within 90 days', run: checkVersions }
}

const usage = `Usage: node infra/cli/main.ts COMMAND

${Object.entries(commands)
  .map(([name, { about }]) => `  ${name.padEnd(14)}${about}`)
  .join('\n')}

Environment:
  ENVIRONMENT                dev (default), staging or prod
  GUESTBOOK_CONFIG           YAML file with settings instead of infra/local.yaml
  PAGERDUTY_INTEGRATION_KEY  PagerDuty key; or set it in infra/secrets.tfvars
  TERRAFORM_BINARY_NAME      Terraform binary (default: terraform)
  LOCK_ARGS                  options of terraform providers lock, such as -fs-mirror=FOLDER
  TF_CLI_ARGS_apply          options of terraform apply; other commands have their own variable`

const name = process.argv[2] ?? '--help'
const command = commands[name]
if (name === '-h' || name === '--help') console.log(usage)
else if (!command) {
  console.error(`infra: unknown command "${name}"\n\n${usage}`)
  process.exitCode = 2
} else {
  try {
    await command.run(context(fileURLToPath(new URL('..', import.meta.url)), process.env))
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof Failure)) throw error
    console.error(`\n${error.message}`)
    process.exitCode = 1
  }
}
