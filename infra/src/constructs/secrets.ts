/** Secrets that come from outside: variables that are shown nowhere, written to the cluster and kept in no plan and no state. */
import { SecretV1 } from '@cdktf/provider-kubernetes/lib/secret-v1/index.js'
import { Fn, TerraformVariable, type TerraformStack } from 'cdktf'

/** A variable that is empty unless given. */
export function secretVariable (
  stack: TerraformStack,
  name: string,
  description: string
): TerraformVariable {
  return new TerraformVariable(stack, name, {
    type: 'string',
    default: '',
    sensitive: true,
    description
  })
}

/**
 * Refuses a secret of the wrong form before anything changes. The validation of a variable would do the same and show the
 * value, sensitive or not.
 */
export const mustMatch = (name: string, pattern: string, errorMessage: string) =>
  ({ condition: `\${can(regex("${pattern}", var.${name}))}`, errorMessage })

/** Changes with a secret and says too little of it to guess it: 32 bits of its hash. */
export const fingerprintOf = (secret: string): string =>
  Fn.substr(Fn.nonsensitive(Fn.sha256(secret)), 0, 8)

/** The same as a number. Terraform does not see a write-only value change, it is told by this. */
export const revisionOf = (secret: string): number =>
  Fn.parseint(Fn.substr(fingerprintOf(secret), 0, 6), 16)

/** A Secret with conditions. CDKTF writes them right as JSON, but as an attribute in HCL, where Terraform wants blocks. */
export class CheckedSecret extends SecretV1 {
  override toHclTerraform () {
    const written = super.toHclTerraform()
    for (const attributes of Object.values<any>(written.resource[this.terraformResourceType])) {
      const { precondition, ...others } = attributes.lifecycle
      attributes.lifecycle = {
        value: { ...others, precondition: { isBlock: true, type: 'list', value: precondition } }
      }
    }
    return written
  }
}
