import { TerraformProvider } from 'cdktf'
import type { Construct } from 'constructs'
import { version } from '../components.ts'

/** The provider tehcyx/kind. It finds Docker as the `docker` command does. */
export class KindProvider extends TerraformProvider {
  constructor (scope: Construct, id: string) {
    super(scope, id, {
      terraformResourceType: 'kind',
      terraformGeneratorMetadata: {
        providerName: 'kind',
        providerVersion: version('kind-provider')
      },
      terraformProviderSource: 'tehcyx/kind'
    })
  }

  protected override synthesizeAttributes (): Record<string, unknown> {
    return {}
  }
}
