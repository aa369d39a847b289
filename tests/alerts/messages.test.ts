/** Renders PagerDuty's contact point with Alertmanager's templates. */
import { writeFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { temporaryFolder } from '@guestbook/service-kit/testing'
import { run } from '../charts/tools.ts'
import { alertingFiles } from '../../alert-rules/generator/provisioning.ts'

interface Alert {
  labels: Record<string, string>
  annotations: Record<string, string>
}

const ENVIRONMENT = {
  PAGERDUTY_INTEGRATION_KEY: 'the-key',
  PAGERDUTY_URL: 'https://pagerduty.example',
  RUNBOOK_BASE_URL: 'https://runbooks.example',
  GRAFANA_URL: 'https://grafana.example'
}
const { contactPoints, templates } = alertingFiles()['notifications.yml']!
const settings = contactPoints!.find(({ name }) => name === 'pagerduty')!.receivers[0]!.settings

const common = (all: Array<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(all[0]!).filter(([name, value]) => all.every(one => one[name] === value))
  )

/** The rendered settings for one group of alerts. */
async function message (alerts: Alert[]): Promise<object> {
  const folder = temporaryFolder()
  const [labels, annotations] = [
    common(alerts.map(({ labels }) => labels)),
    common(alerts.map(({ annotations }) => annotations))
  ]
  const groupLabels = Object.fromEntries(
    Object.entries(labels).filter(([name]) => ['alertname', 'service', 'slo'].includes(name))
  )
  writeFileSync(`${folder}/guestbook.tmpl`, templates!.map(({ template }) => template).join('\n'))
  writeFileSync(
    `${folder}/data.json`,
    JSON.stringify({
      status: 'firing',
      alerts: alerts.map(alert => ({ status: 'firing', ...alert })),
      groupLabels,
      commonLabels: labels,
      commonAnnotations: annotations
    })
  )
  const { details, ...flat } = settings as Record<string, string> & {
    details: Record<string, string>
  }
  const fields = [
    ...Object.entries(flat),
    ...Object.entries(details).map(([name, text]) => [`details.${name}`, text] as const)
  ]
  const text = fields
    .map(([name, text]) => `${name}=${text}`)
    .join('\n')
    .replaceAll(
      /\$(\w+)/g,
      (_, name: string) => ENVIRONMENT[name as keyof typeof ENVIRONMENT] ?? 'UNKNOWN'
    )
    .replaceAll('.PanelURL', '.Annotations.panelUrl') // exists in Grafana only
  const { status, stdout, stderr } = await run('amtool', [
    'template',
    'render',
    '--template.glob',
    `${folder}/*.tmpl`,
    '--template.data',
    `${folder}/data.json`,
    '--template.text',
    text
  ])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return Object.fromEntries(
    stdout
      .trimEnd()
      .split('\n')
      .map(line => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)])
  )
}

const alert = (alertname: string, severity: string, service: string, summary: string): Alert => ({
  labels: { alertname, severity, service },
  annotations: {
    summary,
    impact: 'Pages fail.',
    runbook: 'a-runbook.md',
    panelUrl: `https://grafana.example/d/x?viewPanel=${summary.length}`
  }
})

test('a page has summary, severity and links', async () => {
  expect(
    await message([alert('FrontendDown', 'critical', 'frontend', 'No frontend replica responds')])
  ).toEqual({
    integrationKey: 'the-key',
    url: 'https://pagerduty.example',
    severity: 'critical',
    summary: 'No frontend replica responds',
    source: 'guestbook',
    class: 'FrontendDown',
    component: 'frontend',
    group: 'guestbook',
    client: 'runbook',
    client_url: 'https://runbooks.example/a-runbook.md',
    'details.impact': 'Pages fail.',
    'details.runbook': 'https://runbooks.example/a-runbook.md',
    'details.dashboard': 'https://grafana.example/d/x?viewPanel=28',
    'details.logs': 'https://grafana.example/d/guestbook-logs?var-service=frontend'
  })
})

test('PagerDuty receives the severity, and logs of the service if it has any', async () => {
  expect(
    await message([alert('VolumeFillingUp', 'warning', 'platform', 'A volume')])
  ).toMatchObject({
    severity: 'warning',
    class: 'VolumeFillingUp',
    component: 'platform',
    'details.logs': 'https://grafana.example/d/guestbook-logs'
  })
  const backend = alert('BackendHighLatency', 'critical', 'backend', 'Slow')
  expect(await message([backend])).toMatchObject({
    'details.logs': 'https://grafana.example/d/guestbook-logs?var-service=backend'
  })
})

test('several alerts of a rule are one page with their number', async () => {
  const pods = ['a', 'b', 'c'].map(pod =>
    alert('PodCrashLooping', 'warning', 'platform', `${pod} crashes`)
  )
  expect(await message(pods)).toMatchObject({
    summary: 'PodCrashLooping: 3 at once',
    'details.impact': 'Pages fail.',
    'details.dashboard': 'https://grafana.example/d/x?viewPanel=9'
  })
})
