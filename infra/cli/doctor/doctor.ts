import type { Context } from '../context.ts'
import { Failure } from '../failure.ts'
import { runChecks, type Finding } from './checks.ts'
import { probesOf } from './probes.ts'

const MARK = { ok: 'ok     ', warning: 'warning', failure: 'FAILED ' }

/** One line for each finding, with the fix below it. */
export function report (findings: readonly Finding[]): string {
  return findings
    .map(
      ({ name, level, found, fix }) =>
        `  ${MARK[level]} ${name}: ${found}${fix ? `\n          -> ${fix}` : ''}`
    )
    .join('\n')
}

/** Prints the checks of this computer. @throws Failure when one prevents a deployment */
export async function doctor (context: Context): Promise<void> {
  const findings = await runChecks(context.config, probesOf(context))
  console.log(report(findings))
  const failures = findings.filter(({ level }) => level === 'failure').length
  if (failures > 0) {
    const checks = failures === 1 ? 'check' : 'checks'
    throw new Failure(
      `doctor: ${failures} ${checks} failed; the lines with -> say how to fix them.`
    )
  }
}
