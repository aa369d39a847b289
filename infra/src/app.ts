import { App } from 'cdktf'
import type { Config } from './config/schema.ts'
import type { ServiceImages } from './service-images.ts'
import { ClusterStack } from './stacks/cluster.ts'
import { GuestbookStack } from './stacks/guestbook.ts'
import { PlatformStack } from './stacks/platform.ts'

export interface AppDependencies {
  /** The images of our services, named by their content. */
  readonly images: ServiceImages
  /** Where the Terraform files are written. @default cdktf.out */
  readonly outdir?: string
}

/** The names of the stacks of a deployment, in the order in which they build on each other. */
export const stacksOf = ({ target }: Config): string[] => [
  ...(target.type === 'kind' ? ['cluster'] : []),
  'platform',
  'guestbook'
]

/** All stacks of a deployment, in the order in which they build on each other. Reads nothing and writes nothing by itself. */
export function buildApp (config: Config, { images, outdir }: AppDependencies): App {
  // CDKTF's own checks start Terraform for each terraform_data, to ask its version. The doctor asks once, and a synthesis needs none.
  const app = new App({ outdir, skipValidation: true })
  const cluster =
    config.target.type === 'kind' ? new ClusterStack(app, 'cluster', config) : undefined
  const platform = new PlatformStack(app, 'platform', config, cluster)
  const guestbook = new GuestbookStack(app, 'guestbook', config, { cluster, images })
  guestbook.addDependency(platform)
  return app
}
