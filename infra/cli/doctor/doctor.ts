import type { Context } from '../context.ts'
import { Failure } from '../failure.ts'
import { examine, type Finding } from './checks.ts'
import { probesOf } from './probes.ts'

const MARK = { ok: 'ok     ', warning: 'warning', failure: 'FAILED ' }

/** One line for each finding, and below it what mends it. */
export function report (findings: readonly Finding[]): string {
  return findings
    .map(
      ({ name, level, found, fix }) =>
        `  ${MARK[level]} ${name}: ${found}${fix ? `\n          -> ${fix}` : ''}`
    )
    .join('\n')
}

/** @throws Failure when something is in the way of a deployment */
export async function doctor (context: Context): Promise<void> {
  const findings = await examine(context.config, probesOf(context))
  console.log(report(findings))
  const failures = findings.filter(({ level }) => level === 'failure').length
  if (failures > 0) {
    throw new Failure(
      `doctor: ${failures} ${failures === 1 ? 'thing is' : 'things are'} in the way; the lines with -> mend them.`
    )
  }
}
