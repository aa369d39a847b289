import { AzurermBackend, ConsulBackend, GcsBackend, HttpBackend, LocalBackend, PgBackend, S3Backend, TerraformStack } from 'cdktf'
import type { Construct } from 'constructs'
import { refuseUnsafe } from '../aspects/refuse.ts'
import type { Config } from '../config/schema.ts'
import { stateFolder } from '../paths.ts'

const remote = { s3: S3Backend, gcs: GcsBackend, azurerm: AzurermBackend, http: HttpBackend, pg: PgBackend, consul: ConsulBackend }
/** What names one state among others in each remote backend. */
const keyOf = { s3: 'key', gcs: 'prefix', azurerm: 'key', http: 'address', pg: 'schemaName', consul: 'path' } as const

/** A stack with its state where the configuration says, one state for each environment and stack. */
export class BaseStack extends TerraformStack {
  constructor (scope: Construct, id: string, config: Config) {
    super(scope, id)
    refuseUnsafe(this)
    const { backend, settings } = config.state
    if (backend === 'local') {
      new LocalBackend(this, { path: `${stateFolder(config.environment)}/${id}.tfstate` })
      return
    }
    const key = keyOf[backend]
    const name = `${config.environment}/${id}`
    const own = backend === 'http' ? `${String(settings.address).replace(/\/$/, '')}/${name}` : backend === 'pg' ? name.replace('/', '_') : `guestbook/${name}`
    new remote[backend](this, { ...settings, [key]: own } as never)
  }
}
