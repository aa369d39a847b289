import { Fn, Op, TerraformOutput, type TerraformStack, type TerraformVariable } from 'cdktf'
import { Construct } from 'constructs'
import { ROOT } from '../paths.ts'
import { configMap, Files } from './files.ts'
import { CheckedSecret, fingerprintOf, mustMatch, revisionOf, secretVariable } from './secrets.ts'

export interface AlertingProps {
  readonly namespace: string
  /** Grafana files with rules, as paths from the root of the repository. */
  readonly rules: readonly string[]
  /** Who takes the watchdog when nobody expects it: an address that answers 200 to everything. */
  readonly heartbeatSink: string
}

const UNPAGED =
  'There is no PagerDuty key: alerts show in Grafana and page nobody. Set PAGERDUTY_INTEGRATION_KEY, or put pagerduty_integration_key into infra/secrets.tfvars.'
const UNWATCHED =
  'There is no heartbeat URL: nobody notices when alerting itself is down. Put heartbeat_url into infra/secrets.tfvars.'

/**
 * What Grafana needs to page: rules, receivers, and the keys. The keys are write-only: they stand in no plan and no state.
 * Without a PagerDuty key other receivers are shipped, because Grafana does not start with an empty one.
 */
export class Alerting extends Construct {
  /** Changes with the keys, which Grafana reads at its start only. Says nothing about them. */
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
      'Who expects the watchdog every minute, and calls when it stays away.'
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
            'pagerduty_integration_key must be the 32 letters and digits that PagerDuty shows as Integration Key of an Events API v2 integration.'
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

/** Whether a secret is there, which is no secret itself. CDKTF cannot compare with nothing: neither '' nor 0. */
const given = (variable: TerraformVariable) => Op.gte(Fn.lengthOf(variable.stringValue), 1)

/** Terraform shows the warning in every plan and apply for which the condition does not hold. */
function warn (stack: TerraformStack, name: string, condition: string, message: string): void {
  stack.addOverride(`check.${name}.assert`, [{ condition, error_message: message }])
}
