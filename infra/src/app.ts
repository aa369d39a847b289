import { App } from 'cdktf'
import type { Config } from './config/schema.ts'
import type { ServiceImages } from './constructs/images.ts'
import { ClusterStack } from './stacks/cluster.ts'
import { GuestbookStack } from './stacks/guestbook.ts'

export interface AppDependencies {
  /** The images of our services, named by their content. */
  readonly images: ServiceImages
  /** Where the Terraform files are written. @default cdktf.out */
  readonly outdir?: string
}

/** All stacks of a deployment, in the order in which they build on each other. Reads nothing and writes nothing by itself. */
export function buildApp (config: Config, { images, outdir }: AppDependencies): App {
  const app = new App({ outdir })
  const cluster = config.target.type === 'kind' ? new ClusterStack(app, 'cluster', config) : undefined
  new GuestbookStack(app, 'guestbook', config, { cluster, images })
  return app
}
