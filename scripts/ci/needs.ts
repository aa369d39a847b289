/**
 * A step says in its `env` what a computer must have for it: `NEEDS: docker cosign IMAGE_REPOSITORY`. Small letters are programs,
 * capitals are variables of your shell. Only `make ci` reads it; on GitHub the workflow itself has brought everything.
 */
import { spawnSync } from 'node:child_process'

/** The words of NEEDS that this computer cannot meet. */
export function missing (needs: string, env: NodeJS.ProcessEnv = process.env): string[] {
  return needs.split(/\s+/).filter(word => word !== '' && !isMet(word, env))
}

function isMet (word: string, env: NodeJS.ProcessEnv): boolean {
  if (/^[A-Z_]+$/.test(word)) return Boolean(env[word])
  // Of docker the program alone is nothing: its engine must answer.
  const [command, args] = word === 'docker' ? ['docker', ['info']] : ['bash', ['-c', 'command -v "$0"', word]]
  return spawnSync(command as string, args as string[], { env, stdio: 'ignore' }).status === 0
}
