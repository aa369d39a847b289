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

const commands: Record<
  string,
  { readonly about: string; readonly run: (context: Context) => Promise<void> | void }
> = {
  doctor: {
    about:
      'looks whether this computer can take a deployment, and says how to mend what is in the way',
    run: doctor
  },
  up: { about: 'deploys everything, checks it and tells where it is', run: up },
  plan: { about: 'shows what a deployment would change', run: plan },
  smoke: {
    about: 'signs the guestbook as a visitor would, and asks every part whether it is well',
    run: smoke
  },
  status: { about: 'tells where everything is and how it is', run: status },
  open: { about: 'opens the component NAME in a browser, or forwards its port', run: open },
  logs: { about: 'follows the logs of both services', run: logs },
  down: { about: 'takes everything away, messages included', run: down },
  validate: { about: 'checks the Terraform that is written, as JSON and as HCL', run: validate },
  lock: { about: 'notes down the checksums of the providers that Terraform may run', run: lock },
  versions: { about: 'warns of components that end within 90 days', run: checkVersions }
}

const usage = `Usage: node infra/cli/main.ts COMMAND

${Object.entries(commands)
  .map(([name, { about }]) => `  ${name.padEnd(10)}${about}`)
  .join('\n')}

Environment:
  ENVIRONMENT                dev (default), staging or prod
  GUESTBOOK_CONFIG           a YAML file with settings instead of infra/local.yaml
  PAGERDUTY_INTEGRATION_KEY  where alerts page; or in infra/secrets.tfvars
  TERRAFORM_BINARY_NAME      another terraform
  LOCK_ARGS                  more options of terraform providers lock, such as -fs-mirror=FOLDER in closed networks
  TF_CLI_ARGS_apply          more options of terraform apply, and so on for other commands`

const name = process.argv[2] ?? '--help'
const command = commands[name]
if (name === '-h' || name === '--help') console.log(usage)
else if (!command) {
  console.error(`infra: there is no command "${name}"\n\n${usage}`)
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
