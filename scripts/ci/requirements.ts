/**
 * Requirements of a step, in its `env`: `REQUIRES: docker cosign IMAGE_REPOSITORY`. Lower case
 * names programs or probes, upper case names variables of your shell. Only `make ci` reads them.
 */
import { spawnSync } from 'node:child_process'

/** Requirements that need more than a program on the PATH. */
const PROBES: Record<string, string> = {
  docker: 'docker info',
  advisories: 'curl --fail --silent --max-time 10 --json "{}" ' +
    '"$(npm config get registry)-/npm/v1/security/advisories/bulk"'
}

/** The words of REQUIRES that this computer does not meet. */
export function missing (requirements: string, env: NodeJS.ProcessEnv = process.env): string[] {
  return requirements.split(/\s+/).filter(word => word !== '' && !isMet(word, env))
}

function isMet (word: string, env: NodeJS.ProcessEnv): boolean {
  if (/^[A-Z_]+$/.test(word)) return Boolean(env[word])
  const probe = PROBES[word] ?? 'command -v "$0"'
  return spawnSync('bash', ['-c', probe, word], { env, stdio: 'ignore' }).status === 0
}
