import { HelmProvider } from '@cdktf/provider-helm/lib/provider/index.js'
import { KubernetesProvider } from '@cdktf/provider-kubernetes/lib/provider/index.js'
import type { TerraformStack } from 'cdktf'
import type { Config } from '../config/schema.ts'
import { expandHome } from '../config/load.ts'
import type { ClusterStack } from '../stacks/cluster.ts'

/** Connects a stack to the cluster: the one of the cluster stack, or an existing one by its context. */
export function connect (stack: TerraformStack, config: Config, cluster: ClusterStack | undefined): void {
  const connection = config.target.type === 'kind'
    ? { configPath: cluster!.cluster.kubeconfigPath, configContext: `kind-${config.target.clusterName}` }
    : { configPath: expandHome(config.target.kubeconfig), configContext: config.target.context }
  new KubernetesProvider(stack, 'kubernetes', connection)
  new HelmProvider(stack, 'helm', { kubernetes: connection })
}
