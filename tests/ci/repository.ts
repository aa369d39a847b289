/** The repository as its workflows see it: files, make targets, and what a file is made from. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
export const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

/** Every file that is committed, or would be by `git add`; whoever owns the folder. */
export const FILES = execFileSync(
  'git',
  ['-c', 'safe.directory=*', 'ls-files', '--cached', '--others', '--exclude-standard', '-z'],
  { cwd: ROOT, encoding: 'utf8' }
)
  .split('\0')
  .filter(file => file !== '' && existsSync(join(ROOT, file)))
const known = new Set(FILES)

export const filesUnder = (path: string) =>
  FILES.filter(file => file === path || file.startsWith(`${path}/`))

export interface Target { readonly needs: string[], readonly recipe: string }

/** The targets of a Makefile with what they need and do. */
export function makeTargets (makefile = 'Makefile'): Record<string, Target> {
  const targets: Record<string, Target> = {}
  let current: { needs: string[], recipe: string } | undefined
  for (const line of read(makefile).replaceAll(/ \\\n\s*/g, ' ').split('\n')) {
    const [, name, needs] = /^([\w./-]+):(?!=)([^#]*)/.exec(line) ?? []
    if (name !== undefined && name !== '.PHONY') {
      targets[name] = current = { needs: needs!.trim().split(/\s+/).filter(Boolean), recipe: '' }
    } else if (line.startsWith('\t') && current) current.recipe += `${line}\n`
    else if (line.trim() !== '') current = undefined
  }
  return targets
}

const FOLDERS = 'scripts|services|charts|alert-rules|infra|system-tests|tests|docs|compose|\\.github'
const FROM_ROOT = new RegExp(
  `(?:\\$\\{ROOT\\}((?:${FOLDERS})(?:/[\\w./-]*)?)|['"\`]((?:${FOLDERS})/[\\w./-]*|build\\.sh|Makefile))(['"\`$])`,
  'g'
)

/** Modules that a source file imports, and files that it opens by a path it spells out, as paths of the repository. */
export function mentions (file: string): string[] {
  const text = read(file).replaceAll(/^\s*(\/\/|\/?\*|#).*$/gm, '')
  const found = new Set<string>()
  const add = (path: string) => {
    const clean = normalize(path).replace(/\/$/, '')
    if (
      clean !== '.' &&
      !clean.startsWith('..') &&
      (known.has(clean) || filesUnder(clean).length > 0)
    ) { found.add(clean) }
  }
  // Relative ones start with a dot, as in imports; '@guestbook/…' are workspaces; `${ROOT}…` and plain ones start at the root.
  for (const [, path] of text.matchAll(/['"`](\.{1,2}\/[^'"`$]*)['"`]/g)) {
    add(join(dirname(file), path!))
  }
  for (const [, name, path = ''] of text.matchAll(/['"]@guestbook\/([\w-]+)(\/[^'"]*)?['"]/g)) {
    add(workspaceFile(name!, path))
  }
  const isShell = !/\.\w+$/.test(file) || file.endsWith('.sh')
  // The bare name of a folder is a word like others ('services' is also a kind of Kubernetes), unless it follows the root.
  for (const [, rooted, plain, next] of text.matchAll(FROM_ROOT)) {
    const path = rooted ?? plain
    // Of "services/$1" the caller says which.
    if (!(isShell && next === '$')) add(path!)
  }
  return [...found]
}

/** What `@guestbook/NAME/PATH` stands for: an export of the workspace, else the path itself, else the whole workspace. */
function workspaceFile (name: string, path: string): string {
  const folder = `services/${name}`
  const { exports = {} } = known.has(`${folder}/package.json`)
    ? (JSON.parse(read(`${folder}/package.json`)) as { exports?: Record<string, string> })
    : {}
  const target = exports[`.${path}`]
  return target !== undefined ? join(folder, target) : join(folder, path)
}

const SOURCE = /\.(ts|mjs|js|sh)$|^scripts\/[\w-]+$|^build\.sh$/

/** These files and all that they import, open or call, however far. A folder that is named counts with all its files. */
export function closure (start: string[]): Set<string> {
  const seen = new Set<string>()
  const pending = [...start]
  while (pending.length > 0) {
    const path = pending.pop()!
    for (const file of known.has(path) ? [path] : filesUnder(path)) {
      if (seen.has(file)) continue
      seen.add(file)
      // Of a folder that is only named, nobody says which file is read: no further from there.
      if (path === file && SOURCE.test(file)) pending.push(...mentions(file))
    }
  }
  return seen
}
