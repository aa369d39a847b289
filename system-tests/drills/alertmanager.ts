/** Translates the alerting files for Prometheus and Alertmanager, where Grafana is missing. */
import { writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import {
  alertingFiles,
  groupsOf,
  type ContactPoint,
  type Route,
  type Rule
} from '../../alert-rules/generator/provisioning.ts'
import { prometheusGroups } from '../../alert-rules/generator/prometheus-rules.ts'
import { freePort } from '../lib/free-port.ts'
import { ServerProcess } from '../lib/server-process.ts'
import type { Addresses, Engine } from './engine.ts'
import { scaleFile } from './scale.ts'

/** Prometheus cannot evaluate whether it is reachable. */
const needsGrafana = ({ execErrState }: Rule): boolean => execErrState === 'Alerting'

/** Replaces Grafana's $NAME and its link to a panel, which Alertmanager does not have. */
const expand = (text: string, variables: Record<string, string>): string => text
  .replaceAll(/\$(\w+)/g, (_all, name: string) => variables[name] ?? '')
  .replaceAll('(index .Alerts 0).PanelURL', '(index .Alerts 0).Annotations.dashboard')

function toReceiver ({ name, receivers }: ContactPoint, variables: Record<string, string>) {
  const of = (type: string) => receivers
    .filter(receiver => receiver.type === type)
    .map(({ settings, disableResolveMessage }) => ({
      settings: JSON.parse(expand(JSON.stringify(settings), variables)),
      sendsResolved: !disableResolveMessage
    }))
  return {
    name,
    pagerduty_configs: of('pagerduty').map(({ settings, sendsResolved }) => {
      const { integrationKey, summary, source, ...others } = settings
      return {
        routing_key: integrationKey,
        description: summary,
        send_resolved: sendsResolved,
        ...others,
        details: { ...others.details, source }
      }
    }),
    webhook_configs: of('webhook').map(({ settings, sendsResolved }) => ({
      url: settings.url,
      send_resolved: sendsResolved
    }))
  }
}

const withoutOrganisation = ({
  orgId: _,
  ...rest
}: { orgId?: number } & Record<string, unknown>) => rest

function toRoute ({
  object_matchers: matchers,
  mute_time_intervals: muted,
  routes,
  ...same
}: Route): Record<string, unknown> {
  return {
    ...withoutOrganisation(same),
    ...(matchers && {
      matchers: matchers.map(([name, operator, value]) => `${name}${operator}"${value}"`)
    }),
    ...(muted && { mute_time_intervals: muted }),
    ...(routes && { routes: routes.map(toRoute) })
  }
}

/** Writes the rules beside the configuration of Prometheus, which must not have started. */
export async function prepareAlertmanager (folder: string, addresses: Addresses) {
  const files = Object.fromEntries(
    Object.entries(alertingFiles()).map(([name, file]) => [name, scaleFile(file, 1)])
  )
  const notifications = files['notifications.yml']!
  const variables = {
    PAGERDUTY_INTEGRATION_KEY: addresses.integrationKey,
    PAGERDUTY_URL: addresses.pagerDuty,
    HEARTBEAT_URL: addresses.heartbeat,
    RUNBOOK_BASE_URL: addresses.runbooks,
    GRAFANA_URL: addresses.grafana
  }
  const groups = prometheusGroups(groupsOf(files), rule => !needsGrafana(rule))
  for (const { annotations } of groups.groups.flatMap(({ rules }) => rules)) {
    annotations.dashboard = `${addresses.grafana}${annotations.dashboard}`
  }
  writeFileSync(`${folder}/alerts.yml`, stringify(groups))
  writeFileSync(
    `${folder}/guestbook.tmpl`,
    notifications.templates!.map(({ template }) => template).join('\n')
  )
  writeFileSync(`${folder}/alertmanager.yml`, stringify({
    templates: ['guestbook.tmpl'],
    receivers: notifications.contactPoints!.map(point => toReceiver(point, variables)),
    mute_time_intervals: notifications.muteTimes!.map(withoutOrganisation),
    route: toRoute(notifications.policies![0]!)
  }))
  const port = await freePort()
  const program = new ServerProcess({
    command: 'alertmanager',
    args: [
      `--config.file=${folder}/alertmanager.yml`,
      `--storage.path=${folder}/alertmanager`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--cluster.listen-address=',
      `--web.external-url=${addresses.grafana}`
    ],
    log: `${folder}/alertmanager.log`,
    ready: `http://127.0.0.1:${port}/-/ready`
  })
  const engine: Engine = {
    name: 'Prometheus and Alertmanager, the rules translated',
    slackSeconds: 10,
    settleSeconds: 8,
    hasDetails: true,
    evaluates: rule => !needsGrafana(rule),
    start: async () => { await program.start() },
    stop: async () => { await program.stop() }
  }
  return {
    engine,
    prometheusConfig: {
      alerting: { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${port}`] }] }] }
    }
  }
}
