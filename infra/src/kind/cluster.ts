import { TerraformResource, type TerraformMetaArguments } from 'cdktf'
import type { Construct } from 'constructs'
import { version } from '../components.ts'

/** A port of this computer that is forwarded to a port of a node. */
export interface PortMapping {
  /** Port inside the node. */
  readonly containerPort: number
  /** Port of this computer. */
  readonly hostPort: number
  /** Address of this computer to listen on. */
  readonly listenAddress: string
}

/** One node of the cluster: a container. */
export interface KindNode {
  readonly role: 'control-plane' | 'worker'
  /** Labels of the Kubernetes node. @default none */
  readonly labels?: Readonly<Record<string, string>>
  /** @default none */
  readonly portMappings?: readonly PortMapping[]
}

export interface KindClusterProps extends TerraformMetaArguments {
  /** Name of the cluster, and prefix of its containers' names. */
  readonly name: string
  /** Image of every node. It must fit the kind release that the provider embeds. */
  readonly nodeImage: string
  readonly nodes: readonly KindNode[]
  /** File to which the cluster's kubeconfig is written. */
  readonly kubeconfigPath: string
}

/**
 * The resource kind_cluster. Kind cannot change a cluster: every change of these settings replaces
 * it, and its data is lost.
 */
export class KindCluster extends TerraformResource {
  static readonly tfResourceType = 'kind_cluster'
  readonly #props: KindClusterProps

  constructor (scope: Construct, id: string, props: KindClusterProps) {
    super(scope, id, {
      ...props,
      terraformResourceType: KindCluster.tfResourceType,
      terraformGeneratorMetadata: {
        providerName: 'kind',
        providerVersion: version('kind-provider')
      }
    })
    this.#props = props
  }

  get nodeImage (): string { return this.#props.nodeImage }
  /** The kubeconfig file, known once the cluster runs. */
  get kubeconfigPath (): string { return this.getStringAttribute('kubeconfig_path') }
  /** Certificate of the cluster's authority (PEM): public, and new after each replacement. */
  get caCertificate (): string { return this.getStringAttribute('cluster_ca_certificate') }

  protected override synthesizeAttributes (): Record<string, unknown> {
    const { name, nodeImage, nodes, kubeconfigPath } = this.#props
    return {
      name,
      node_image: nodeImage,
      wait_for_ready: true,
      kubeconfig_path: kubeconfigPath,
      kind_config: {
        kind: 'Cluster',
        api_version: 'kind.x-k8s.io/v1alpha4',
        node: nodes.map(node => ({
          role: node.role,
          labels: node.labels,
          extra_port_mappings: node.portMappings?.map(port => ({
            container_port: port.containerPort,
            host_port: port.hostPort,
            listen_address: port.listenAddress
          }))
        }))
      }
    }
  }

  protected override synthesizeHclAttributes (): Record<string, unknown> {
    return hcl(this.synthesizeAttributes())
  }
}

/** Blocks of kind_cluster; other objects are maps. */
const BLOCKS = ['kind_config', 'node', 'extra_port_mappings']

/** Attributes in the form from which CDKTF writes HCL. */
function hcl (attributes: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(attributes)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => {
        if (!BLOCKS.includes(name)) {
          const map = typeof value === 'object'
          return [
            name,
            {
              value,
              isBlock: false,
              type: map ? 'map' : 'simple',
              storageClassType: map ? 'stringMap' : typeof value
            }
          ]
        }
        const blocks = [value].flat() as Array<Record<string, unknown>>
        return [
          name,
          { value: blocks.map(hcl), isBlock: true, type: 'list', storageClassType: 'List' }
        ]
      })
  )
}
