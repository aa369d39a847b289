import { DataResource, Fn } from 'cdktf'
import type { Construct } from 'constructs'
import type { Config } from '../config/schema.ts'
import { KindCluster, type KindNode } from '../kind/cluster.ts'
import { KindProvider } from '../kind/provider.ts'
import { ROOT, stateFolder } from '../paths.ts'
import { GUESTBOOK_NODE_PORT } from '../values/guestbook.ts'
import { BaseStack } from './base.ts'

/** A Kind cluster on this computer. Every change replaces it. */
export class ClusterStack extends BaseStack {
  readonly cluster: KindCluster

  constructor (scope: Construct, id: string, config: Config) {
    super(scope, id, config)
    const { target } = config
    if (target.type !== 'kind') throw new Error('the stack "cluster" is for target.type "kind"')

    new KindProvider(this, 'kind')
    const network = removeKindNetwork(this)
    this.cluster = new KindCluster(this, 'cluster', {
      name: target.clusterName,
      nodeImage: target.nodeImage,
      kubeconfigPath: `${stateFolder(config.environment)}/kubeconfig`,
      nodes: nodesOf(target),
      dependsOn: [network]
    })
    if (config.mirrors.preload.length > 0) this.#preload(config.mirrors.preload, target.clusterName)
  }

  /** Differs for each created cluster, even with the same name: loaded images are lost with it. */
  get instance (): string { return Fn.sha256(this.cluster.caCertificate) }

  #preload (images: readonly string[], clusterName: string): void {
    new DataResource(this, 'preload', {
      triggersReplace: { images: images.join(' '), cluster: this.instance },
      provisioners: [
        {
          type: 'local-exec',
          workingDir: ROOT,
          command: `scripts/kind-load ${[clusterName, ...images].join(' ')}`
        }
      ]
    })
  }
}

function nodesOf ({ ports, workers }: Extract<Config['target'], { type: 'kind' }>): KindNode[] {
  const mapping = (containerPort: number, hostPort: number) => ({
    containerPort,
    hostPort,
    listenAddress: ports.listenAddress
  })
  return [
    {
      role: 'control-plane',
      labels: { 'ingress-ready': 'true' },
      portMappings: [
        mapping(80, ports.http),
        mapping(443, ports.https),
        mapping(GUESTBOOK_NODE_PORT, ports.guestbook)
      ]
    },
    ...Array.from({ length: workers }, (): KindNode => ({ role: 'worker' }))
  ]
}

/** Kind creates a Docker network but never removes it. Docker keeps it while clusters use it. */
function removeKindNetwork (scope: Construct): DataResource {
  return new DataResource(scope, 'network', {
    provisioners: [
      {
        type: 'local-exec',
        when: 'destroy',
        command: 'docker network rm kind >/dev/null 2>&1 || true'
      }
    ]
  })
}
