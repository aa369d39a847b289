import { DataResource, type TerraformStack } from 'cdktf'
import { Construct } from 'constructs'

export interface HandoverProps {
  /** Releases that the stack owns in the other mode; their constructs have the same names. */
  readonly releases: readonly string[]
  readonly namespace: string
  readonly connection: { readonly configPath: string, readonly configContext: string }
}

/**
 * Hands running releases over to Argo CD. Terraform removes them from its state without
 * uninstalling them, and deletes Helm's records, which become outdated. The construct Release
 * adopts the workloads again.
 */
export class Handover extends Construct {
  constructor (
    stack: TerraformStack,
    id: string,
    { releases, namespace, connection }: HandoverProps
  ) {
    super(stack, id)
    stack.addOverride(
      'removed',
      releases.map(name => ({
        from: `helm_release.${addressOf(stack, name)}`,
        lifecycle: { destroy: false }
      }))
    )
    new DataResource(this, 'records', {
      triggersReplace: { releases: releases.join(' ') },
      provisioners: [
        {
          type: 'local-exec',
          command:
            `kubectl --context ${connection.configContext} delete secrets ` +
            `--namespace ${namespace} --selector 'owner=helm,name in (${releases.join(',')})'`,
          environment: { KUBECONFIG: connection.configPath }
        }
      ]
    })
  }
}

/** Terraform's name of a release whose construct does not exist; it follows from its path. */
const addressOf = (stack: TerraformStack, name: string) =>
  stack.getLogicalId(new Construct(new Construct(stack, name), 'release').node)
