import { Construct } from 'constructs'
import { chartOf } from '../charts.ts'
import type { Config } from '../config/schema.ts'
import { applicationsValues, argoCdValues, type Workload } from '../values/argo-cd.ts'
import { Namespace } from './namespace.ts'
import { Release } from './release.ts'

export interface GitDeliveryProps {
  readonly config: Config
  /** Namespace of the workloads. */
  readonly namespace: string
  readonly workloads: readonly Workload[]
}

/** Argo CD, and what it is to take from Git. Terraform holds no release of the workloads themselves. */
export class GitDelivery extends Construct {
  constructor (scope: Construct, id: string, { config, namespace, workloads }: GitDeliveryProps) {
    super(scope, id)
    if (config.delivery.mode !== 'argocd') throw new Error('delivery.mode is not "argocd"')
    const argocd = new Namespace(this, 'argocd', { name: 'argocd', podSecurity: 'baseline' }).name
    const controller = new Release(this, 'argo-cd', { name: 'argo-cd', namespace: argocd, chart: chartOf(config, 'argo-cd'), values: argoCdValues(config) })
    new Release(this, 'applications', {
      name: 'applications',
      namespace: argocd,
      chart: chartOf(config, 'argocd-apps'),
      values: applicationsValues(config.delivery, namespace, workloads),
      dependsOn: [controller.release]
    })
  }
}
