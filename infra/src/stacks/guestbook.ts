import { Fn, type ITerraformDependable } from 'cdktf'
import type { Construct } from 'constructs'
import { SecretV1 } from '@cdktf/provider-kubernetes/lib/secret-v1/index.js'
import type { Config } from '../config/schema.ts'
import { ownChart } from '../charts.ts'
import { CheckedSecret, mustMatch, revisionOf, secretVariable } from '../constructs/secrets.ts'
import { Handover } from '../constructs/handover.ts'
import { Images } from '../constructs/images.ts'
import { connect, connectionOf } from '../constructs/providers.ts'
import { Release } from '../constructs/release.ts'
import type { NamespaceName } from '../names.ts'
import type { ServiceImages } from '../service-images.ts'
import { workloadsOf } from '../values/guestbook.ts'
import { BaseStack } from './base.ts'
import type { ClusterStack } from './cluster.ts'

export interface GuestbookStackProps {
  /** The cluster stack; undefined for an existing cluster. */
  readonly cluster: ClusterStack | undefined
  readonly images: ServiceImages
}

const NAMESPACE: NamespaceName = 'guestbook'

/** Images and secrets of the guestbook, and the releases of its charts unless Argo CD owns them. */
export class GuestbookStack extends BaseStack {
  constructor (
    scope: Construct,
    id: string,
    config: Config,
    { cluster, images }: GuestbookStackProps
  ) {
    super(scope, id, config)
    connect(this, config, cluster?.cluster)
    const secrets = [this.#tokens()]
    if (config.mongodb.mode === 'external') secrets.push(this.#mongodbUri())
    if (config.delivery.mode === 'argocd') {
      new Handover(this, 'handover', {
        releases: workloadsOf(config).map(({ name }) => name),
        namespace: NAMESPACE,
        connection: connectionOf(config, cluster?.cluster)
      })
    } else {
      this.#releases(config, images, [
        ...secrets,
        ...(config.images.build ? [this.#images(config, cluster, images).built] : [])
      ])
    }
  }

  /** Each release depends on the one before. */
  #releases (config: Config, images: ServiceImages, needed: ITerraformDependable[]): void {
    let previous: ITerraformDependable[] = []
    for (const { name, values, service } of workloadsOf(config, images)) {
      const { release } = new Release(this, name, {
        name,
        namespace: NAMESPACE,
        chart: ownChart(name),
        values,
        // Argo CD may have created the objects.
        takeOwnership: true,
        dependsOn: [...(service ? needed : []), ...previous]
      })
      previous = [release]
    }
  }

  #images (config: Config, cluster: ClusterStack | undefined, images: ServiceImages): Images {
    const to =
      config.target.type === 'kind' && !config.images.repository
        ? { kindCluster: config.target.clusterName, instance: cluster!.instance }
        : { registry: config.images.repository! }
    return new Images(this, 'images', { images, to })
  }

  #mongodbUri (): SecretV1 {
    const uri = secretVariable(
      this,
      'mongodb_uri',
      'Connection string of an existing MongoDB, with the database.'
    )
    return new CheckedSecret(this, 'mongodb-uri', {
      metadata: { name: 'mongodb-uri', namespace: NAMESPACE },
      dataWo: { uri: uri.stringValue },
      dataWoRevision: revisionOf(uri.stringValue),
      lifecycle: {
        precondition: [
          mustMatch(
            'mongodb_uri',
            '^mongodb(\\\\+srv)?://',
            'mongodb_uri must begin with mongodb:// or mongodb+srv://. ' +
              'Set it in infra/secrets.tfvars.'
          )
        ]
      }
    })
  }

  /** Written once, when the Secret is created. No plan and no state contains write-only values. */
  #tokens (): SecretV1 {
    return new SecretV1(this, 'tokens', {
      metadata: { name: 'guestbook-tokens', namespace: NAMESPACE },
      dataWo: { 'moderator-token': Fn.uuid(), 'faults-token': Fn.uuid() },
      dataWoRevision: 1
    })
  }
}
