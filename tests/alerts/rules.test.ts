/** The reader of rules.yml. */
import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { ALERT_RULES } from '../../alert-rules/generator/provisioning.ts'
import { readRules } from '../../alert-rules/generator/rules.ts'

const declared = readFileSync(`${ALERT_RULES}rules.yml`, 'utf8')

test.each([
  ['a missing field', '        severity: critical\n', '', 'frontend-down: severity is missing'],
  ['a misspelt field', 'impact: Visitors get the', 'effect: Visitors get the', 'effect is unknown'],
  ['a comparison without operator', 'fires: "< 1"', 'fires: 1', 'fires must be like "> 0.05"'],
  ['a comparison with no number', 'fires: "< 1"', 'fires: "< one"', 'fires must be like'],
  ['an operator of two signs', 'fires: "< 1"', 'fires: "<= 1"', 'fires must be like'],
  ['a range of operands', 'fires: "< 1"', 'fires: "< 1 2"', 'fires must be like']
])('%s is an error', (_error, good, bad, message) => {
  expect(declared).toContain(good)
  expect(() => readRules(declared.replace(good, bad))).toThrow(message)
})

test('Compose links to the same runbooks', () => {
  const { runbook_base_url: base } = readRules()
  const read = (file: string) => readFileSync(`${ALERT_RULES}../${file}`, 'utf8')
  expect(parse(read('compose.yaml'), { merge: true }).services.grafana.environment).toMatchObject({
    RUNBOOK_BASE_URL: `\${RUNBOOK_BASE_URL:-${base}}`
  })
  expect(read('.env.example')).toContain(`\nRUNBOOK_BASE_URL=${base}\n`)
})
