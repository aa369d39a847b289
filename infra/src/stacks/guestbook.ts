import { Fn } from 'cdktf'
import type { Construct } from 'constructs'
import { SecretV1 } from '@cdktf/provider-kubernetes/lib/secret-v1/index.js'
import type { Config } from '../config/schema.ts'
import { ownChart } from '../charts.ts'
import { revisionOf, secretVariable } from '../constructs/secrets.ts'
import { Images, type ServiceImages } from '../constructs/images.ts'
import { Namespace } from '../constructs/namespace.ts'
import { connect } from '../constructs/providers.ts'
import { Release } from '../constructs/release.ts'
import { backendValues, frontendValues, mongodbValues } from '../values/guestbook.ts'
import { BaseStack } from './base.ts'
import type { ClusterStack } from './cluster.ts'

export interface GuestbookStackProps {
  /** The cluster stack; none when the target is an existing context. */
  readonly cluster: ClusterStack | undefined
  readonly images: ServiceImages
}

/** The guestbook itself: its images, its namespace, and one release for each chart of ours. */
export class GuestbookStack extends BaseStack {
  constructor (scope: Construct, id: string, config: Config, { cluster, images }: GuestbookStackProps) {
    super(scope, id, config)
    connect(this, config, cluster)
    const namespace = new Namespace(this, 'namespace', { name: 'guestbook', podSecurity: 'restricted' }).name
    const loaded = config.images.build ? [this.#images(config, cluster, images).built] : []
    const secrets = [this.#tokens(namespace)]
    if (config.mongodb.mode === 'external') secrets.push(this.#mongodbUri(namespace))

    const mongodb = config.mongodb.mode === 'replicaSet'
      ? [new Release(this, 'guestbook-mongodb', { name: 'guestbook-mongodb', namespace, chart: ownChart('mongodb'), values: mongodbValues(config) }).release]
      : []
    const backend = new Release(this, 'guestbook-backend', {
      name: 'guestbook-backend',
      namespace,
      chart: ownChart('backend'),
      values: backendValues(config, images.backend),
      dependsOn: [...loaded, ...mongodb, ...secrets]
    })
    new Release(this, 'guestbook-frontend', {
      name: 'guestbook-frontend',
      namespace,
      chart: ownChart('frontend'),
      values: frontendValues(config, images.frontend),
      dependsOn: [...loaded, backend.release]
    })
  }

  #images (config: Config, cluster: ClusterStack | undefined, images: ServiceImages): Images {
    const to = config.target.type === 'kind' && !config.images.repository
      ? { kindCluster: config.target.clusterName, instance: cluster!.instance }
      : { registry: config.images.repository! }
    return new Images(this, 'images', { images, to })
  }

  #mongodbUri (namespace: string): SecretV1 {
    const uri = secretVariable(this, 'mongodb_uri', 'Connection string of the MongoDB elsewhere, with the database.')
    uri.addValidation({
      condition: '${can(regex("^mongodb(\\+srv)?://", var.mongodb_uri))}',
      errorMessage: 'mongodb_uri must begin with mongodb:// or mongodb+srv://. Put it into infra/secrets.tfvars.'
    })
    return new SecretV1(this, 'mongodb-uri', {
      metadata: { name: 'mongodb-uri', namespace },
      dataWo: { uri: uri.stringValue },
      dataWoRevision: revisionOf(uri.stringValue)
    })
  }

  /** Written once, when the Secret is made: write-only values are in no plan and no state. */
  #tokens (namespace: string): SecretV1 {
    return new SecretV1(this, 'tokens', {
      metadata: { name: 'guestbook-tokens', namespace },
      dataWo: { 'moderator-token': Fn.uuid(), 'faults-token': Fn.uuid() },
      dataWoRevision: 1
    })
  }
}
