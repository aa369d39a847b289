/** Does what a runbook says while its fault lasts. */
import type { Rule } from '../../alerts/rules.ts'
import { say } from '../drill.ts'
import { diagnosis, runbookOf } from '../runbook.ts'
import { run } from './kubectl.ts'

/** @throws Error when a command fails, also one in the middle of a pipe that kubectl complains about */
export async function followRunbook (rule: Rule): Promise<void> {
  const blocks = diagnosis(runbookOf(rule), 'sh')
  for (const block of blocks) {
    const { stderr } = await run('timeout', ['60', 'bash', '-e', '-c', block]).catch((error: Error) => { throw new Error(`The runbook of ${rule.uid} does not work:\n${error.message}`) })
    if (/^error/im.test(stderr)) throw new Error(`The runbook of ${rule.uid} does not work:\n${block}\n${stderr}`)
  }
  if (blocks.length > 0) say(`  runbook of ${rule.uid}: ${blocks.length} blocks ran`)
}
