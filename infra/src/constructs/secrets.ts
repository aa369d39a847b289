/** Secrets of the user: sensitive variables, which no plan and no state contains. */
import { SecretV1 } from '@cdktf/provider-kubernetes/lib/secret-v1/index.js'
import { Fn, TerraformVariable, type TerraformStack } from 'cdktf'

/** A sensitive variable; empty by default. */
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
 * A precondition that rejects a malformed secret. The validation of a variable would print the
 * value, even of a sensitive one.
 */
export const mustMatch = (name: string, pattern: string, errorMessage: string) =>
  ({ condition: `\${can(regex("${pattern}", var.${name}))}`, errorMessage })

/** 32 bits of a secret's hash: it changes with the secret, but does not reveal it. */
export const fingerprintOf = (secret: string): string =>
  Fn.substr(Fn.nonsensitive(Fn.sha256(secret)), 0, 8)

/** The same as a number, by which Terraform notices that a write-only value has changed. */
export const revisionOf = (secret: string): number =>
  Fn.parseint(Fn.substr(fingerprintOf(secret), 0, 6), 16)

/** A Secret with preconditions, which CDKTF writes to HCL as an attribute instead of blocks. */
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
