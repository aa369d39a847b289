import {
  HelmProvider,
  type HelmProviderKubernetes
} from '@cdktf/provider-helm/lib/provider/index.js'
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider/index.js'
import type { TerraformStack } from 'cdktf'
import type { Config } from '../config/schema.ts'
import { expandHome } from '../config/load.ts'
import type { KindCluster } from '../kind/cluster.ts'

/** Kubeconfig of the cluster, and the context in it. */
export const connectionOf = ({ target }: Config, cluster: KindCluster | undefined) =>
  target.type === 'kind'
    ? { configPath: cluster!.kubeconfigPath, configContext: `kind-${target.clusterName}` }
    : { configPath: expandHome(target.kubeconfig), configContext: target.context }

/** Connects a stack to the Kind cluster, or to an existing one by its context. */
export function connect (
  stack: TerraformStack,
  config: Config,
  cluster: KindCluster | undefined
): void {
  const connection = connectionOf(config, cluster)
  new KubernetesProvider(stack, 'kubernetes', connection)
  new Helm(stack, 'helm', { kubernetes: connection })
}

/** The binding writes `kubernetes` to HCL as a block; in version 3 of the provider it is a map. */
class Helm extends HelmProvider {
  protected override synthesizeHclAttributes (): Record<string, unknown> {
    const { configPath, configContext } = this.kubernetesInput as HelmProviderKubernetes
    const value = { config_path: configPath, config_context: configContext }
    return {
      ...super.synthesizeHclAttributes(),
      kubernetes: { value, isBlock: false, type: 'map', storageClassType: 'stringMap' }
    }
  }
}
