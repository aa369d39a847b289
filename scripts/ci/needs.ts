/**
 * A step says in its `env` what a computer must have for it: `NEEDS: docker cosign IMAGE_REPOSITORY`. Small letters are programs
 * or one of the probes below, capitals are variables of your shell. Only `make ci` reads it; on GitHub the workflow itself has
 * brought everything.
 */
import { spawnSync } from 'node:child_process'

/** What says more than that a program is there. */
const PROBES: Record<string, string> = {
  docker: 'docker info', // the program alone is nothing: its engine must answer
  advisories:
    'curl --fail --silent --max-time 10 --json "{}" "$(npm config get registry)-/npm/v1/security/advisories/bulk"'
}

/** The words of NEEDS that this computer cannot meet. */
export function missing (needs: string, env: NodeJS.ProcessEnv = process.env): string[] {
  return needs.split(/\s+/).filter(word => word !== '' && !isMet(word, env))
}

function isMet (word: string, env: NodeJS.ProcessEnv): boolean {
  if (/^[A-Z_]+$/.test(word)) return Boolean(env[word])
  return (
    spawnSync('bash', ['-c', PROBES[word] ?? 'command -v "$0"', word], { env, stdio: 'ignore' })
      .status === 0
  )
}
