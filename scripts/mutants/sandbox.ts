import { spawn, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** The exit code of a command (null after the timeout) and its output. */
export interface Outcome {
  readonly status: number | null
  readonly output: string
}

/** A copy of the checkout, uncommitted files included. */
export class Sandbox {
  readonly root: string
  readonly #source: string
  readonly #temporary: string
  #running: number | undefined

  constructor (source: string) {
    this.#source = source
    this.#temporary = mkdtempSync(join(tmpdir(), 'mutants-'))
    this.root = join(this.#temporary, 'copy')
    this.#git('clone', '--quiet', '--shared', source, this.root)
    const changed = this.#git('-C', source, 'diff', '--name-only', '-z', 'HEAD')
    const added = this.#git('-C', source, 'ls-files', '--others', '--exclude-standard', '-z')
    for (const file of `${changed}${added}`.split('\0').filter(Boolean)) this.#take(file)
    for (const workspace of [
      '.',
      'infra',
      'system-tests',
      'tests',
      ...readdirSync(join(source, 'services')).map(name => `services/${name}`)
    ]) {
      this.#linkPackages(join(workspace, 'node_modules'))
    }
    mkdirSync(join(this.root, 'coverage'))
    if (existsSync(join(source, '.tools'))) {
      symlinkSync(join(source, '.tools'), join(this.root, '.tools'))
    }
  }

  read (file: string): string {
    return readFileSync(join(this.root, file), 'utf8')
  }

  write (file: string, text: string): void {
    writeFileSync(join(this.root, file), text)
  }

  /** Restores every file, generated ones included. */
  restore (): void {
    const changed = this.#git('-C', this.root, 'diff', '--name-only', '-z', 'HEAD')
      .split('\0')
      .filter(Boolean)
    for (const file of changed) this.#take(file)
  }

  /** Runs a program in the copy, and kills it with its children after `timeoutMs`. */
  async run (
    [program, ...args]: readonly string[],
    { timeoutMs = 600_000, env = {} } = {}
  ): Promise<Outcome> {
    const temporary = mkdtempSync(join(this.#temporary, 't'))
    const PATH = `${this.root}/node_modules/.bin:${this.root}/.tools/bin:${process.env.PATH}`
    const child = spawn(program!, args, {
      cwd: this.root,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PATH, TMPDIR: temporary, ...env }
    })
    this.#running = child.pid
    let output = ''
    child.stdout.on('data', (text: Buffer) => {
      output += text.toString()
    })
    child.stderr.on('data', (text: Buffer) => {
      output += text.toString()
    })
    const timer = setTimeout(() => {
      this.#end()
    }, timeoutMs)
    const status = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject)
      child.on('exit', resolve)
    })
    clearTimeout(timer)
    this.#end()
    rmSync(temporary, { recursive: true, force: true, maxRetries: 5 })
    return { status, output }
  }

  remove (): void {
    this.#end()
    rmSync(this.#temporary, { recursive: true, force: true, maxRetries: 5 })
  }

  /** Kills the running program and its children. */
  #end (): void {
    if (this.#running === undefined) return
    try {
      process.kill(-this.#running, 'SIGKILL')
    } catch {} // already ended
    this.#running = undefined
  }

  /** Links the packages of the checkout, except for workspaces, which the copy has. */
  #linkPackages (folder: string): void {
    const from = join(this.#source, folder)
    if (!existsSync(from)) return
    mkdirSync(join(this.root, folder))
    for (const name of readdirSync(from)) {
      const target = join(this.root, folder, name)
      // make compares its time with the one of package-lock.json.
      if (name === '@guestbook' || name === '.package-lock.json') {
        cpSync(join(from, name), target, { recursive: true, verbatimSymlinks: true })
      } else symlinkSync(join(from, name), target)
    }
  }

  #take (file: string): void {
    const from = join(this.#source, file)
    rmSync(join(this.root, file), { force: true })
    if (!existsSync(from)) return
    mkdirSync(dirname(join(this.root, file)), { recursive: true })
    cpSync(from, join(this.root, file))
  }

  #git (...args: string[]): string {
    const { status, stdout, stderr } = spawnSync('git', args, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`git ${args.join(' ')} failed: ${stderr}`)
    return stdout
  }
}
