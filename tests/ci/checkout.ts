/** A copy of some of the repository's files, with stand-ins for the programs that scripts call. */
import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { temporaryFolder } from '@guestbook/service-kit/testing'
import { FILES, ROOT } from './repository.ts'

export interface Result { status: number, stdout: string, stderr: string }

export class Checkout {
  readonly folder = temporaryFolder()
  readonly #bin = `${this.folder}/.bin`

  /** @param paths files and folders to copy; @param programs bodies of shell scripts, each of which also writes its arguments down */
  constructor (paths: string[], programs: Record<string, string> = {}) {
    for (const file of FILES.filter(file => paths.some(path => file === path || file.startsWith(`${path}/`)))) {
      mkdirSync(dirname(`${this.folder}/${file}`), { recursive: true })
      cpSync(`${ROOT}${file}`, `${this.folder}/${file}`)
    }
    symlinkSync(`${ROOT}node_modules`, `${this.folder}/node_modules`)
    mkdirSync(this.#bin)
    for (const [name, body] of Object.entries(programs)) {
      writeFileSync(`${this.#bin}/${name}`, `#!/bin/bash\necho "${name} $*" >>"${this.folder}/.calls"\n${body}\n`)
      chmodSync(`${this.#bin}/${name}`, 0o755)
    }
  }

  /** Makes it a git repository with one commit on main. */
  commitAll (): this {
    writeFileSync(`${this.folder}/.gitignore`, 'node_modules\n.bin\n.calls\n')
    this.git('init', '--quiet', '--initial-branch', 'main')
    this.git('add', '.')
    this.git('commit', '--quiet', '--message', 'Begin')
    return this
  }

  git (...args: string[]): string {
    return execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example', ...args], { cwd: this.folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
  }

  write (file: string, text: string): void {
    mkdirSync(dirname(`${this.folder}/${file}`), { recursive: true })
    writeFileSync(`${this.folder}/${file}`, text)
  }

  read (file: string): string | undefined {
    return existsSync(`${this.folder}/${file}`) ? readFileSync(`${this.folder}/${file}`, 'utf8') : undefined
  }

  /** What the stand-ins were called with, in order. */
  get calls (): string[] {
    return this.read('.calls')?.trim().split('\n') ?? []
  }

  async run (command: string, args: string[], env: Record<string, string> = {}): Promise<Result> {
    const { PATH = '' } = process.env
    return await new Promise(resolve => {
      execFile(command, args, { cwd: this.folder, env: { PATH: `${this.#bin}:${PATH}`, HOME: this.folder, ...env } }, (error, stdout, stderr) => {
        resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr })
      })
    })
  }
}
