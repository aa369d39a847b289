/** Every generated file with its text, by its path in the repository. */
import { stringify } from 'yaml'
import { alertsDocument } from './alerts-document.ts'
import { burnRateRules } from './burn-rate-rules.ts'
import { dashboards } from './dashboards/index.ts'
import { render } from './dashboards/panels.ts'
import { grafanaFiles } from './grafana-rules.ts'
import { recordingRules } from './recording-rules.ts'
import { readRules } from './rules.ts'
import { sloDocument } from './slo-document.ts'
import { readSlo } from './slo.ts'

const yaml = (value: unknown) =>
  '# Generated from rules.yml and slo.yml by `make slo`.\n' +
  stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`

export function generatedFiles (): Record<string, string> {
  const slo = readSlo()
  const table = readRules()
  const groups = [...table.groups, burnRateRules(slo)]
  const rules = grafanaFiles(table, groups)
  return {
    'docs/reference/alerts.md': alertsDocument(groups),
    'docs/reference/slo.md': sloDocument(slo),
    'alert-rules/recording_rules.yml': yaml(recordingRules(slo)),
    ...Object.fromEntries(
      Object.entries(rules).map(([name, file]) => [`alert-rules/${name}`, yaml(file)])
    ),
    ...Object.fromEntries(
      dashboards(slo).map(dashboard => [
        `alert-rules/dashboards/${dashboard.uid.replace('guestbook-', '')}.json`,
        json(render(dashboard))
      ])
    )
  }
}
