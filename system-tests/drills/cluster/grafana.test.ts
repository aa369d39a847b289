import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import {
  ALERT_RULES,
  alertingFiles,
  groupsOf,
  type AlertingFile
} from '../../../alert-rules/generator/provisioning.ts'
import { withoutStatus, fasterRules, patched, type ConfigMap, type Deployment } from './grafana.ts'

const deployed = (): ConfigMap[] =>
  Object.keys(alertingFiles()).map(name => ({
    metadata: { name },
    data: { [name]: readFileSync(`${ALERT_RULES}${name}`, 'utf8') }
  }))
const parsed = (configMaps: ConfigMap[]) => Object.fromEntries(
  configMaps
    .flatMap(({ data }) => Object.entries(data))
    .map(([name, content]) => [name, parse(content) as AlertingFile])
)

const deployment: Deployment = {
  metadata: { name: 'grafana', annotations: { team: 'guestbook' } },
  spec: {
    template: {
      spec: {
        containers: [
          { name: 'grafana-sc-alerts', env: [] },
          {
            name: 'grafana',
            env: [
              { name: 'GRAFANA_URL', value: 'http://grafana' },
              { name: 'PAGERDUTY_URL', value: '' }
            ]
          }
        ],
        volumes: [
          { name: 'config', configMap: { name: 'grafana' } },
          { name: 'storage', persistentVolumeClaim: { claimName: 'grafana' } }
        ]
      }
    }
  }
}

test('the deployed rules become faster, all of them and under the same names', () => {
  const faster = parsed(fasterRules(deployed()))
  const [before, after] = [alertingFiles(), faster].map(files =>
    groupsOf(files).flatMap(({ rules }) => rules)
  )
  expect(after!.map(({ uid }) => uid)).toEqual(before!.map(({ uid }) => uid))
  expect(after!.map(rule => rule.for)).not.toEqual(before!.map(rule => rule.for))
})

test('where PagerDuty is off, the drill deploys the receivers that page', () => {
  const unpaged = deployed().map(configMap =>
    configMap.metadata.name === 'notifications.yml'
      ? {
          ...configMap,
          data: {
            'notifications.yml': readFileSync(
              `${ALERT_RULES}notifications_without_pagerduty.yml`,
              'utf8'
            )
          }
        }
      : configMap
  )
  expect(
    parsed(fasterRules(unpaged))['notifications.yml']!.contactPoints!.map(({ name }) => name)
  ).toEqual(['pagerduty', 'heartbeat'])
})

test('rules that differ from alert-rules/ are rejected, and so are missing ones', () => {
  const [first, ...others] = deployed()
  const name = first!.metadata.name
  expect(() => fasterRules(others)).toThrow(
    `The deployed rules differ from alert-rules/: ${name}. Deploy them first: make up.`
  )
  expect(() =>
    fasterRules([
      {
        ...first!,
        data: { [name]: first!.data[name]!.replace('severity: critical', 'severity: warning') }
      },
      ...others
    ])
  ).toThrow(name)
})

test('a patched Grafana has other variables and an empty database; the original is intact', () => {
  const before = structuredClone(deployment)
  const {
    metadata,
    spec: { template: { spec: { containers: [sidecar, grafana], volumes } } }
  } = patched(deployment, { PAGERDUTY_URL: 'http://receiver' })
  expect(deployment).toEqual(before)
  expect(metadata.annotations).toEqual({ team: 'guestbook', 'guestbook/patched-by-drills': 'true' })
  expect(sidecar).toEqual({ name: 'grafana-sc-alerts', env: [] })
  expect(grafana!.env).toEqual([
    { name: 'GRAFANA_URL', value: 'http://grafana' },
    { name: 'PAGERDUTY_URL', value: 'http://receiver' }
  ])
  expect(volumes).toEqual([
    { name: 'config', configMap: { name: 'grafana' } },
    { name: 'storage', emptyDir: {} },
    { name: 'drill', configMap: { name: 'drill' } }
  ])
})

test('a saved object has no field that the cluster adds', () => {
  const { metadata } = deployment
  const versions = { uid: 'u', resourceVersion: '7', generation: 2 }
  const added = { ...versions, creationTimestamp: 'now', managedFields: [] }
  const read = { ...deployment, metadata: { ...metadata, ...added }, status: { replicas: 1 } }
  expect(withoutStatus(read)).toEqual(deployment)
})
