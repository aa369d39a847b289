import { RoleBindingV1 } from '@cdktf/provider-kubernetes/lib/role-binding-v1/index.js'
import type { ITerraformDependable } from 'cdktf'
import { Construct } from 'constructs'
import { chartOf } from '../charts.ts'
import type { Config } from '../config/schema.ts'
import { ACCOUNTS, applicationsValues, argoCdValues } from '../values/argo-cd.ts'
import { Namespace } from './namespace.ts'
import { Release } from './release.ts'
import type { Tenant } from './tenant.ts'

export interface GitDeliveryProps {
  readonly config: Config
  /** Namespace of the workloads, and the rights in it. */
  readonly tenant: Tenant
  /** Dependencies of the workloads. @default none */
  readonly dependsOn?: readonly ITerraformDependable[]
}

/**
 * Argo CD and its Applications. It has the deployer's rights in the tenant's namespace, and none in
 * others. Deleting an Application keeps its workload, so that Helm can adopt it.
 */
export class GitDelivery extends Construct {
  constructor (scope: Construct, id: string, { config, tenant, dependsOn = [] }: GitDeliveryProps) {
    super(scope, id)
    const argocd = new Namespace(this, 'argocd').name
    const rights = new RoleBindingV1(this, 'rights', {
      metadata: { name: 'argocd', namespace: tenant.namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: tenant.role },
      subject: ACCOUNTS.map(name => ({ kind: 'ServiceAccount', name, namespace: argocd }))
    })
    const controller = new Release(this, 'argo-cd', {
      name: 'argo-cd',
      namespace: argocd,
      chart: chartOf(config, 'argo-cd'),
      values: argoCdValues(config, tenant.namespace)
    })
    new Release(this, 'applications', {
      name: 'applications',
      namespace: argocd,
      chart: chartOf(config, 'argocd-apps'),
      values: applicationsValues(config, tenant.namespace),
      dependsOn: [controller.release, rights, ...dependsOn]
    })
  }
}
