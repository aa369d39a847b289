import { DataResource } from 'cdktf'
import { Construct } from 'constructs'
import { ROOT } from '../paths.ts'
import type { ServiceImages } from '../service-images.ts'

export interface ImagesProps {
  readonly images: ServiceImages
  /** The target: the nodes of a Kind cluster, or a registry. */
  readonly to:
    { readonly kindCluster: string; readonly instance: string } | { readonly registry: string }
}

/** Builds the images, and loads or pushes them whenever they or the cluster change. */
export class Images extends Construct {
  readonly built: DataResource

  constructor (scope: Construct, id: string, { images, to }: ImagesProps) {
    super(scope, id)
    const names = Object.values(images)
      .map(({ repository, tag }) => `${repository}:${tag}`)
      .join(' ')
    this.built = new DataResource(this, 'images', {
      triggersReplace:
        'kindCluster' in to ? { images: names, cluster: to.instance } : { images: names },
      provisioners: [
        {
          type: 'local-exec',
          workingDir: ROOT,
          command: `./build.sh --all ${'kindCluster' in to ? '--load' : '--push'}`,
          environment:
            'kindCluster' in to
              ? { KIND_CLUSTER: to.kindCluster }
              : { IMAGE_REPOSITORY: to.registry }
        }
      ]
    })
  }
}
