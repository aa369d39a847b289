/** Reads commands and queries from the runbooks. */
import { readFileSync } from 'node:fs'
import { ALERT_RULES, type Rule } from './provisioning.ts'

export const readRunbook = (name: string): string =>
  readFileSync(`${ALERT_RULES}runbooks/${name}`, 'utf8')

export const runbookOf = ({ annotations }: Rule): string => readRunbook(annotations.runbook!)

const section = (runbook: string, title: string): string =>
  new RegExp(`^## ${title}\\n(.*?)(?=^## |(?![^]))`, 'ms').exec(runbook)?.[1] ?? ''

const matches = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, match]) => match!)

/** The blocks of a language under "Diagnosis", which only read. */
export const diagnosis = (runbook: string, language: 'sh' | 'promql'): string[] =>
  matches(section(runbook, 'Diagnosis'), new RegExp(`^\`\`\`${language}\\n(.*?)\\n\`\`\`$`, 'gms'))

/** The commands between backticks under "Mitigation". */
export const remedies = (runbook: string): string[] =>
  matches(section(runbook, 'Mitigation'), /`((?:kubectl|helm) [^`]+)`/g)
