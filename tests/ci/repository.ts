/** The files of the repository, and the targets of its Makefile. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
export const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

/** Every file that is committed, or would be by `git add`. Git checks no owner of the folder. */
export const FILES = execFileSync(
  'git',
  ['-c', 'safe.directory=*', 'ls-files', '--cached', '--others', '--exclude-standard', '-z'],
  { cwd: ROOT, encoding: 'utf8' }
)
  .split('\0')
  .filter(file => file !== '' && existsSync(join(ROOT, file)))

export const filesUnder = (path: string) =>
  FILES.filter(file => file === path || file.startsWith(`${path}/`))

/** The targets of the Makefile, files included. */
export const makeTargets = () =>
  [...read('Makefile').matchAll(/^([\w./-]+):(?!=)/gm)]
    .map(([, target]) => target!)
    .filter(target => target !== '.PHONY')
