import { NamespaceV1 } from '@cdktf/provider-kubernetes/lib/namespace-v1/index.js'
import { Construct } from 'constructs'

export interface NamespaceProps {
  readonly name: string
  /** Pod Security Standard that its pods must meet: `restricted`, unless they need the node (host ports, host files). */
  readonly podSecurity: 'restricted' | 'baseline' | 'privileged'
}

/** A namespace that says what its pods may do. */
export class Namespace extends Construct {
  readonly name: string

  constructor (scope: Construct, id: string, { name, podSecurity }: NamespaceProps) {
    super(scope, id)
    const namespace = new NamespaceV1(this, 'namespace', {
      metadata: {
        name,
        labels: {
          'pod-security.kubernetes.io/enforce': podSecurity,
          'app.kubernetes.io/managed-by': 'terraform'
        }
      },
      timeouts: { delete: '10m' }
    })
    // Through the resource, so that whatever names the namespace waits for it.
    this.name = namespace.metadata.name
  }
}
