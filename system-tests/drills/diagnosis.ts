import type { Rule } from '../../alert-rules/generator/provisioning.ts'
import { run } from '../lib/exec.ts'
import { diagnosis, runbookOf } from '../../alert-rules/generator/runbooks.ts'

const TIMEOUT_SECONDS = '60'

/**
 * Runs the blocks of a runbook's diagnosis that `canRun` admits, and resolves to their number.
 * @throws Error when a command fails
 */
export async function followRunbook (
  rule: Rule,
  canRun: (block: string) => boolean = () => true,
  env: Record<string, string> = {}
): Promise<number> {
  const blocks = diagnosis(runbookOf(rule), 'sh').filter(canRun)
  for (const block of blocks) {
    await run('timeout', [TIMEOUT_SECONDS, 'bash', '-e', '-c', block], { env }).catch(
      (error: Error) => {
        throw new Error(`The runbook of ${rule.uid} does not work:\n${error.message}`)
      }
    )
  }
  return blocks.length
}
