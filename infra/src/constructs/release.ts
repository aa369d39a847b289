import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Release as HelmRelease } from '@cdktf/provider-helm/lib/release/index.js'
import type { ITerraformDependable } from 'cdktf'
import { Construct } from 'constructs'
import { stringify } from 'yaml'
import type { Chart } from '../charts.ts'
import { RELEASE_TIMEOUT_S } from '../names.ts'

export interface ReleaseProps<Values extends object> {
  readonly name: string
  readonly namespace: string
  readonly chart: Chart
  readonly values: Values
  /** @default RELEASE_TIMEOUT_S */
  readonly timeoutSeconds?: number
  /** Whether the release adopts existing objects. @default false */
  readonly takeOwnership?: boolean
  /** Dependencies besides those that values and namespace refer to. @default none */
  readonly dependsOn?: readonly ITerraformDependable[]
}

/** A Helm release that succeeds completely or is rolled back, so that a run can be repeated. */
export class Release<Values extends object> extends Construct {
  readonly release: HelmRelease

  constructor (scope: Construct, id: string, props: ReleaseProps<Values>) {
    super(scope, id)
    const { chart } = props
    this.release = new HelmRelease(this, 'release', {
      name: props.name,
      namespace: props.namespace,
      ...('folder' in chart
        ? { chart: chart.path ?? chart.folder, description: `chart ${fingerprint(chart.folder)}` }
        : { repository: chart.repository, chart: chart.chart, version: chart.version }),
      values: [yaml(props.values)],
      timeout: props.timeoutSeconds ?? RELEASE_TIMEOUT_S,
      atomic: true,
      cleanupOnFail: true,
      // Adopts a release that an interrupted run created without writing it to the state.
      upgradeInstall: true,
      takeOwnership: props.takeOwnership,
      maxHistory: 5,
      dependsOn: props.dependsOn ? [...props.dependsOn] : undefined
    })
  }
}

/** YAML in which Terraform replaces only CDKTF's tokens: Grafana's variables have `${` too. */
const yaml = (values: object) =>
  stringify(values, { lineWidth: 0, aliasDuplicateObjects: false }).replace(
    /\$\{(?!TfToken\[)/g,
    () => '$${'
  )

/** Hash of all files, linked charts included. Terraform itself does not compare templates. */
function fingerprint (folder: string): string {
  if (!existsSync(join(folder, 'Chart.yaml'))) {
    throw new Error(`there is no chart in ${folder}: the folder must hold Chart.yaml`)
  }
  const hash = createHash('sha256')
  const files = readdirSync(folder, { encoding: 'utf8', recursive: true })
    .filter(file => statSync(join(folder, file)).isFile())
  for (const file of files.sort()) {
    hash.update(`/${file}`).update(readFileSync(join(folder, file)))
  }
  return hash.digest('hex').slice(0, 12)
}
