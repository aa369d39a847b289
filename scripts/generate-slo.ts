/** `make slo`: writes what follows from alert-rules/slo.yml, and the dashboards; --check only tells whether all is current. */
import { readFileSync, writeFileSync } from 'node:fs'
import { stringify } from 'yaml'
import { burnRateAlerts } from './alerts/burn-rate-alerts.ts'
import { HEADER, sloDocument } from './alerts/document.ts'
import { recordingRules } from './alerts/recording-rules.ts'
import { ALERT_RULES, readSlo } from './alerts/slo.ts'
import { dashboards } from './dashboards/index.ts'
import { render } from './dashboards/panels.ts'

const slo = readSlo()
const yaml = (value: unknown) =>
  `# ${HEADER}\n${stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })}`

const files: Record<string, string> = {
  'recording_rules.yml': yaml(recordingRules(slo)),
  'slo_burn_rate_alerts.yml': yaml(burnRateAlerts(slo)),
  '../docs/slo.md': sloDocument(slo),
  ...Object.fromEntries(
    dashboards(slo).map(dashboard => [
      `dashboards/${dashboard.uid.replace('guestbook-', '')}.json`,
      `${JSON.stringify(render(dashboard), null, 2)}\n`
    ])
  )
}

const current = (url: URL) => { try { return readFileSync(url, 'utf8') } catch { return '' } }
const stale = Object.entries(files)
  .map(([file, text]) => ({ url: new URL(file, ALERT_RULES), text }))
  .filter(({ url, text }) => current(url) !== text)

if (!process.argv.includes('--check')) for (const { url, text } of stale) writeFileSync(url, text)
else if (stale.length > 0) {
  for (const { url } of stale) {
    console.error(
      `${url.pathname.slice(new URL('..', ALERT_RULES).pathname.length)} is stale: run \`make slo\` and commit the result.`
    )
  }
  process.exit(1)
}
