import { NamespaceV1 } from '@cdktf/provider-kubernetes/lib/namespace-v1/index.js'
import { Construct } from 'constructs'
import { NAMESPACES, type NamespaceName } from '../names.ts'

/** A namespace of `NAMESPACES`, with its Pod Security Standard. */
export class Namespace extends Construct {
  readonly name: string

  constructor (scope: Construct, name: NamespaceName) {
    super(scope, name)
    const namespace = new NamespaceV1(this, 'namespace', {
      metadata: {
        name,
        labels: {
          'pod-security.kubernetes.io/enforce': NAMESPACES[name],
          'app.kubernetes.io/managed-by': 'terraform'
        }
      },
      timeouts: { delete: '10m' }
    })
    // A reference to the resource: objects in the namespace depend on it.
    this.name = namespace.metadata.name
  }
}
