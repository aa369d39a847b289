import { spawnSync } from 'node:child_process'
import type { Area } from './areas.ts'

/** Files that a Git command lists with `-z`. @throws Error with the output of Git */
export function git (checkout: string, ...args: string[]): string[] {
  const { status, stdout, stderr } = spawnSync('git', ['-C', checkout, ...args], {
    encoding: 'utf8'
  })
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr.trim()}`)
  return stdout.split('\0').filter(Boolean)
}

/** Files under Git pathspecs of a checkout, uncommitted ones included. */
export const filesUnder = (checkout: string, paths: readonly string[]) =>
  git(checkout, 'ls-files', '--cached', '--others', '--exclude-standard', '-z', '--', ...paths)

/** Files of an area that get mutants. */
export const filesOfArea = (checkout: string, { files, except }: Area) =>
  filesUnder(checkout, files).filter(file => !except?.test(file))
