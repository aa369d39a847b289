/**
 * `make slo` writes the files that follow from alert-rules/slo.yml, and the dashboards.
 * With --check it only names the stale ones.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { burnRateAlerts } from './burn-rate-alerts.ts'
import { dashboards } from './dashboards/index.ts'
import { render } from './dashboards/panels.ts'
import { ALERT_RULES } from './provisioning.ts'
import { recordingRules } from './recording-rules.ts'
import { HEADER, sloDocument } from './slo-document.ts'
import { readSlo } from './slo.ts'

const ROOT = `${ALERT_RULES}../`
const slo = readSlo()
const yaml = (value: unknown) =>
  `# ${HEADER}\n${stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })}`

const files: Record<string, string> = {
  'alert-rules/recording_rules.yml': yaml(recordingRules(slo)),
  'alert-rules/slo_burn_rate_alerts.yml': yaml(burnRateAlerts(slo)),
  'docs/reference/slo.md': sloDocument(slo),
  ...Object.fromEntries(
    dashboards(slo).map(dashboard => [
      `alert-rules/dashboards/${dashboard.uid.replace('guestbook-', '')}.json`,
      `${JSON.stringify(render(dashboard), null, 2)}\n`
    ])
  )
}

const stale = Object.entries(files).filter(
  ([file, text]) => !existsSync(ROOT + file) || readFileSync(ROOT + file, 'utf8') !== text
)

if (!process.argv.includes('--check')) {
  for (const [file, text] of stale) writeFileSync(ROOT + file, text)
} else {
  for (const [file] of stale) {
    console.error(`${file} is stale: run \`make slo\` and commit the result.`)
  }
  process.exitCode = stale.length === 0 ? 0 : 1
}
