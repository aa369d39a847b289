import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  closeSync, cpSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync,
  rmSync, symlinkSync, writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { git } from './areas.ts'

const REMOVE = { recursive: true, force: true, maxRetries: 5 }

/** A copy of a checkout, uncommitted files included. */
export class Sandbox {
  readonly root: string
  readonly #temporary = mkdtempSync(join(tmpdir(), 'mutants-'))
  #running: number | undefined

  constructor (source: string) {
    this.root = join(this.#temporary, 'copy')
    git(source, 'clone', '--quiet', '--shared', source, this.root)
    for (const file of [
      ...git(source, 'diff', '--name-only', '-z', 'HEAD'),
      ...git(source, 'ls-files', '--others', '--exclude-standard', '-z')
    ]) {
      rmSync(join(this.root, file), { force: true })
      if (existsSync(join(source, file))) cpSync(join(source, file), join(this.root, file))
    }
    git(this.root, 'add', '--all')
    const ignored = ['--others', '--ignored', '--exclude-standard', '--directory']
    for (const folder of git(source, 'ls-files', ...ignored, '-z')) {
      if (/(^|\/)node_modules\/$/.test(folder)) linkPackages(source, this.root, folder)
    }
    if (existsSync(join(source, '.tools'))) {
      symlinkSync(join(source, '.tools'), join(this.root, '.tools'))
    }
    mkdirSync(join(this.root, 'coverage'))
  }

  write (file: string, content: string): void {
    writeFileSync(join(this.root, file), content)
  }

  isChanged (): boolean {
    return git(this.root, 'diff', '--name-only', '-z').length > 0
  }

  /** Restores every file, generated ones included. */
  restore (): void {
    git(this.root, 'checkout', '--quiet', '--', '.')
  }

  /** Runs a program in the copy, and kills it after `timeoutMs`: the status is null. */
  async run (
    [program, ...args]: readonly string[],
    { timeoutMs = 600_000, env = {} } = {}
  ): Promise<{ status: number | null, output: string }> {
    const temporary = mkdtempSync(join(this.#temporary, 't'))
    // A file, as a pipe stays open while a detached process writes to it.
    const outputFile = `${temporary}.log`
    const log = openSync(outputFile, 'w')
    const PATH = `${this.root}/node_modules/.bin:${this.root}/.tools/bin:${process.env.PATH}`
    const child = spawn(program!, args, {
      cwd: this.root,
      detached: true, // a process group, which kill() ends
      stdio: ['ignore', log, log],
      env: { ...process.env, PATH, TMPDIR: temporary, ...env },
      timeout: timeoutMs,
      killSignal: 'SIGKILL'
    })
    this.#running = child.pid
    const [status] = await once(child, 'exit')
    this.#kill()
    closeSync(log)
    rmSync(temporary, REMOVE)
    return { status, output: readFileSync(outputFile, 'utf8') }
  }

  remove (): void {
    this.#kill()
    rmSync(this.#temporary, REMOVE)
  }

  /** Kills the running program and its children. */
  #kill (): void {
    try {
      if (this.#running) process.kill(-this.#running, 'SIGKILL')
    } catch {} // all have ended
    this.#running = undefined
  }
}

/** Links the packages of a checkout. Its workspaces, and files that make compares, are copied. */
function linkPackages (source: string, root: string, folder: string): void {
  mkdirSync(join(root, folder))
  for (const name of readdirSync(join(source, folder))) {
    const [from, to] = [join(source, folder, name), join(root, folder, name)]
    if (!/^(@guestbook|\.all-packages|\.package-lock\.json)$/.test(name)) symlinkSync(from, to)
    else cpSync(from, to, { recursive: true, verbatimSymlinks: true })
  }
}
