import { Fn, Op, TerraformOutput, type TerraformStack, type TerraformVariable } from 'cdktf'
import { Construct } from 'constructs'
import { ROOT } from '../paths.ts'
import { configMap, Files } from './files.ts'
import { CheckedSecret, fingerprintOf, mustMatch, revisionOf, secretVariable } from './secrets.ts'

export interface AlertingProps {
  readonly namespace: string
  /** Grafana files with rules, as paths from the root of the repository. */
  readonly rules: readonly string[]
  /** Receiver of the watchdog without a heartbeat URL: a URL that always answers 200. */
  readonly heartbeatSink: string
}

const UNPAGED =
  'There is no PagerDuty key: alerts appear in Grafana but page no one. Set ' +
  'PAGERDUTY_INTEGRATION_KEY, or pagerduty_integration_key in infra/secrets.tfvars.'
const UNWATCHED =
  'There is no heartbeat URL: a failure of alerting itself stays unnoticed. Set heartbeat_url in ' +
  'infra/secrets.tfvars.'

/**
 * Grafana's alert rules, receivers and keys. The keys are write-only: no plan and no state contains
 * them. Grafana does not start with an empty PagerDuty key, so without one it gets other receivers.
 */
export class Alerting extends Construct {
  /** Changes with the keys, which Grafana reads at its start. It does not reveal them. */
  readonly keysVersion: string
  readonly secret: CheckedSecret

  constructor (
    stack: TerraformStack,
    id: string,
    { namespace, rules, heartbeatSink }: AlertingProps
  ) {
    super(stack, id)
    const key = secretVariable(
      stack,
      'pagerduty_integration_key',
      'Integration key of a PagerDuty service (Events API v2).'
    )
    const heartbeat = secretVariable(
      stack,
      'heartbeat_url',
      'URL that expects the watchdog every minute and raises an alarm without it.'
    )
    const keys = Fn.join('|', [key.stringValue, heartbeat.stringValue])
    this.keysVersion = fingerprintOf(keys)
    this.secret = new CheckedSecret(this, 'keys', {
      metadata: { name: 'alerting', namespace },
      dataWo: {
        PAGERDUTY_INTEGRATION_KEY: key.stringValue,
        HEARTBEAT_URL: Fn.conditional(given(heartbeat), heartbeat.stringValue, heartbeatSink)
      },
      dataWoRevision: revisionOf(keys),
      lifecycle: {
        precondition: [
          mustMatch(
            'pagerduty_integration_key',
            '^([0-9A-Za-z]{32})?$',
            'pagerduty_integration_key must be the 32 letters and digits that PagerDuty shows as ' +
              'Integration Key of an Events API v2 integration.'
          ),
          mustMatch(
            'heartbeat_url',
            '^(https?://.+)?$',
            'heartbeat_url must begin with http:// or https://.'
          )
        ]
      }
    })

    new Files(this, 'rules', { namespace, label: 'grafana_alert', paths: rules })
    const pages = Fn.nonsensitive(given(key))
    configMap(this, {
      namespace,
      label: 'grafana_alert',
      file: 'notifications.yml',
      content: Fn.conditional(
        pages,
        Fn.file(`${ROOT}/alert-rules/notifications.yml`),
        Fn.file(`${ROOT}/alert-rules/notifications_without_pagerduty.yml`)
      )
    })
    warn(stack, 'paging', pages, UNPAGED)
    warn(stack, 'heartbeat', Fn.nonsensitive(given(heartbeat)), UNWATCHED)
    new TerraformOutput(stack, 'pages', {
      value: pages,
      description: 'Whether alerts reach PagerDuty.'
    })
  }
}

/** Whether a secret is set. CDKTF cannot compare with '' or 0. */
const given = (variable: TerraformVariable) => Op.gte(Fn.lengthOf(variable.stringValue), 1)

/** Terraform shows the warning in every plan and apply while the condition is false. */
function warn (stack: TerraformStack, name: string, condition: string, message: string): void {
  stack.addOverride(`check.${name}.assert`, [{ condition, error_message: message }])
}
