import { expect, test } from '@jest/globals'
import { component } from '../src/components.ts'
import { componentsTable, settingsTable } from '../src/docs.ts'

test('no cell of a table is undefined', () => {
  expect(settingsTable() + componentsTable()).not.toContain('undefined')
})

test.each([
  '| setting | meaning | default |',
  '|---|---|---|',
  '| `target.type: kind` | A Kind cluster on this computer. | |',
  '| `target.clusterName` | Name of the Kind cluster. | `"guestbook"` |',
  '| `target.ports.http` | Port of the pages. | `80` |',
  '| `target.context` | Context in it. |  |',
  '| `mongodb.backup` | Whether it is dumped to a separate volume every night. | `false` |',
  '| `mirrors.preload` | Images of this computer\'s Docker that are copied into the Kind nodes, ' +
    'which then do not pull them. | `[]` |',
  '| `images.tags` | Tags instead of the content hashes. | `{}` |',
  '| `monitoring.logs` | Log shipper that feeds Loki. Promtail is past its end of life; Alloy ' +
    'yields the same labels. One of `promtail`, `alloy`, `off`. | `"promtail"` |',
  '| `delivery.mode: argocd` | Argo CD owns the workloads, from a Git repository with these ' +
    'charts. | |'
])('the table of settings has the row %s', row => {
  expect(settingsTable().split('\n')).toContain(row)
})

test('the table of settings begins with the target, in both variants', () => {
  const names = settingsTable().split('\n').map(row => row.split('`')[1])
  expect(names.slice(2, 4)).toEqual(['target.type: kind', 'target.clusterName'])
  expect(names).toEqual(expect.arrayContaining(['target.type: context', 'mongodb.mode: replicaSet',
    'mongodb.mode: external', 'mongodb.cidrs', 'delivery.mode: helm', 'delivery.repository',
    'state.settings']))
})

test.each([
  '| component | kind | source | version | end of life | successor, notes |',
  '|---|---|---|---|---|---|',
  '| Traefik | chart | `https://traefik.github.io/charts/traefik` | ' +
    `${component('traefik').version} | not announced |  |`,
  '| Promtail | chart | `https://grafana.github.io/helm-charts/promtail` | ' +
    `${component('promtail').version} | 2026-03-02 | Alloy: set \`monitoring.logs\` to ` +
    '`alloy`. The labels stay the same. |',
  `| Kind provider for Terraform | provider | \`tehcyx/kind\` | ${
    component('kind-provider').version} | not announced | Embeds kind 0.31, whose clusters ` +
    'Kubernetes 1.37 cannot read any more. |'
])('the table of components has the row %s', row => {
  expect(componentsTable().split('\n')).toContain(row)
})
