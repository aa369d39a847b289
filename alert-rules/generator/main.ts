/**
 * `make slo` writes the files that follow from alert-rules/rules.yml, alert-rules/slo.yml and
 * dashboards/. With --check it only names the stale ones.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { generatedFiles } from './files.ts'
import { ALERT_RULES } from './provisioning.ts'

const ROOT = `${ALERT_RULES}../`
const stale = Object.entries(generatedFiles()).filter(
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
