import { DataResource, type TerraformStack } from 'cdktf'
import { Construct } from 'constructs'

export interface HandoverProps {
  /** Constructs `Release` that the stack has while it owns them. They bear their releases' names. */
  readonly releases: readonly string[]
  readonly namespace: string
  readonly connection: { readonly configPath: string, readonly configContext: string }
}

/**
 * Leaves releases to somebody else while they run: Terraform forgets them and uninstalls nothing, and Helm's records of them
 * go, so that nobody upgrades from what they tell. The construct Release takes the workloads back.
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
          command: `kubectl --context ${connection.configContext} delete secrets --namespace ${namespace} --selector 'owner=helm,name in (${releases.join(',')})'`,
          environment: { KUBECONFIG: connection.configPath }
        }
      ]
    })
  }
}

/** Terraform's name for the release of a construct that is not there any more: it follows from the place in the stack. */
const addressOf = (stack: TerraformStack, name: string) =>
  stack.getLogicalId(new Construct(new Construct(stack, name), 'release').node)
