import { App } from 'cdktf'
import type { Config } from './config/schema.ts'
import type { ServiceImages } from './service-images.ts'
import { ClusterStack } from './stacks/cluster.ts'
import { GuestbookStack } from './stacks/guestbook.ts'
import { PlatformStack } from './stacks/platform.ts'

export interface AppDependencies {
  /** The images of the services. */
  readonly images: ServiceImages
  /** Where the Terraform files are written. @default cdktf.out */
  readonly outdir?: string
}

/** Creates the stacks of a deployment; `synth()` writes them. */
export function buildApp (config: Config, { images, outdir }: AppDependencies): App {
  // CDKTF's checks would start Terraform for each terraform_data to find its version. The doctor
  // checks it once.
  const app = new App({ outdir, skipValidation: true })
  const cluster =
    config.target.type === 'kind' ? new ClusterStack(app, 'cluster', config) : undefined
  const platform = new PlatformStack(app, 'platform', config, cluster)
  const guestbook = new GuestbookStack(app, 'guestbook', config, { cluster, images })
  guestbook.addDependency(platform)
  return app
}
