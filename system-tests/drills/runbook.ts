/** What a runbook tells to run: its blocks under "Diagnosis", which only look. What changes something stands under "Mitigation". */
import { readFileSync } from 'node:fs'
import { ALERT_RULES } from '../../alert-rules/generator/provisioning.ts'
import type { Rule } from '../../alert-rules/generator/provisioning.ts'

export const readRunbook = (name: string): string =>
  readFileSync(`${ALERT_RULES}runbooks/${name}`, 'utf8')

const section = (runbook: string, title: string): string =>
  new RegExp(`^## ${title}\\n(.*?)(?=^## |(?![^]))`, 'ms').exec(runbook)?.[1] ?? ''

/** Blocks of a language in the part "Diagnosis". */
export const diagnosis = (runbook: string, language: 'sh' | 'promql'): string[] =>
  [
    ...section(runbook, 'Diagnosis').matchAll(
      new RegExp(`^\`\`\`${language}\\n(.*?)\\n\`\`\`$`, 'gms')
    )
  ].map(([, block]) => block!)

/** Commands of the part "Mitigation", which stand between backticks. */
export const remedies = (runbook: string): string[] =>
  [...section(runbook, 'Mitigation').matchAll(/`((?:kubectl|helm) [^`]+)`/g)].map(
    ([, command]) => command!
  )

export const runbookOf = ({ annotations }: Rule): string => readRunbook(annotations.runbook!)
