/** Every exported metric with its labels and their values. */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { ALERT_RULES } from '../../alert-rules/generator/provisioning.ts'

/** Values of a label. `any`: they depend on what is monitored. */
export type Values = Set<string> | 'any'
export type Inventory = Map<string, Map<string, Values>>

export const JOBS = [
  'guestbook-frontend',
  'guestbook-backend',
  'guestbook-mongodb',
  'blackbox',
  'kube-state-metrics'
]
const STATUS_CODES = ['200', '201', '303', '304', '400', '404', '422', '429', '499', '500', '503']

/** Adds the metrics of a page, and the label values that help texts list in parentheses. */
export function addPage (inventory: Inventory, page: string): void {
  const listed = new Map<string, string[]>()
  for (const line of page.split('\n')) {
    const [, family, values] = /^# HELP (\S+) .*\(([\w, ]+)\)\.$/.exec(line) ?? []
    if (family) listed.set(family, values!.split(', '))
    // A counter with labels has no series until something is counted.
    const [, counter] = /^# TYPE (\S+) counter$/.exec(line) ?? []
    if (counter && !inventory.has(`${counter}_total`)) inventory.set(`${counter}_total`, new Map())
    const [, metric = '', labels = ''] = /^([a-z_]\w*)(?:\{(.*?)\})? [^#]*/i.exec(line) ?? []
    if (!metric || line.startsWith('#')) continue
    const known = inventory.get(metric) ?? new Map<string, Values>()
    for (const [, label, value] of labels.matchAll(/(\w+)="([^"]*)"/g)) {
      const seen = known.get(label!) ?? new Set<string>()
      if (seen !== 'any') seen.add(value!)
      known.set(label!, seen)
      const family = [...listed.keys()].find(name => metric.startsWith(name))
      if (family && seen !== 'any' && ['outcome', 'status'].includes(label!)) {
        for (const value of listed.get(family)!) seen.add(value)
      }
      if (label === 'status_code') known.set(label, new Set(STATUS_CODES))
    }
    inventory.set(metric, known)
  }
}

/** The metrics of the services, of exporters.yml and of the recording rules. */
export function inventoryOf (pages: string[]): Inventory {
  const inventory: Inventory = new Map()
  for (const page of pages) addPage(inventory, page)
  const exporters = parse(
    readFileSync(new URL('exporters.yml', import.meta.url), 'utf8')
  ) as Record<string, Record<string, Record<string, string[] | 'any'>>>
  for (const metrics of Object.values(exporters)) {
    for (const [metric, labels] of Object.entries(metrics)) {
      inventory.set(
        metric,
        new Map(
          Object.entries(labels).map(([label, values]) => [
            label,
            values === 'any' ? values : new Set(values)
          ])
        )
      )
    }
  }
  const { groups } = parse(readFileSync(`${ALERT_RULES}recording_rules.yml`, 'utf8')) as {
    groups: Array<{ rules: Array<{ record: string; labels: Record<string, string> }> }>
  }
  for (const { record, labels } of groups.flatMap(({ rules }) => rules)) {
    const known = inventory.get(record) ?? new Map<string, Values>()
    for (const [label, value] of Object.entries(labels)) {
      known.set(label, new Set([...((known.get(label) as Set<string>) ?? []), value]))
    }
    inventory.set(record, known)
  }
  for (const [metric, labels] of inventory) {
    if (metric.includes(':')) continue
    labels.set('job', new Set(JOBS))
    labels.set('instance', 'any')
  }
  return inventory
}
