import {
  AzurermBackend,
  ConsulBackend,
  GcsBackend,
  HttpBackend,
  LocalBackend,
  PgBackend,
  S3Backend,
  TerraformStack
} from 'cdktf'
import type { Construct } from 'constructs'
import { enforcePolicies } from '../policies.ts'
import type { Config } from '../config/schema.ts'
import { stateFolder } from '../paths.ts'

const remote = {
  s3: S3Backend,
  gcs: GcsBackend,
  azurerm: AzurermBackend,
  http: HttpBackend,
  pg: PgBackend,
  consul: ConsulBackend
}
/** The setting of each remote backend that names a state. The HTTP backend has addresses. */
const keyOf = {
  s3: 'key',
  gcs: 'prefix',
  azurerm: 'key',
  pg: 'schemaName',
  consul: 'path'
} as const

/** A stack with the configured backend, and one state for each environment and stack. */
export class BaseStack extends TerraformStack {
  constructor (scope: Construct, id: string, config: Config) {
    super(scope, id)
    enforcePolicies(this)
    const { backend, settings } = config.state
    if (backend === 'local') {
      new LocalBackend(this, { path: `${stateFolder(config.environment)}/${id}.tfstate` })
      return
    }
    new remote[backend](this, {
      ...settings,
      ...ownState(backend, settings, `${config.environment}/${id}`)
    } as never)
  }
}

/** The settings that give the state `name` and its lock their own place. */
function ownState (
  backend: keyof typeof remote,
  settings: Config['state']['settings'],
  name: string
): Record<string, string> {
  if (backend === 'http') {
    const addresses = Object.entries(settings).filter(([setting]) => /address$/i.test(setting))
    return Object.fromEntries(
      addresses.map(([setting, address]) => [
        setting,
        `${String(address).replace(/\/$/, '')}/${name}`
      ])
    )
  }
  return { [keyOf[backend]]: backend === 'pg' ? name.replace('/', '_') : `guestbook/${name}` }
}
