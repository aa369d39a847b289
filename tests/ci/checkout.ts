/** A copy of some of the repository's files, with stand-ins for the programs that scripts call. */
import { execFile, execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { delimiter, dirname } from 'node:path'
import { temporaryFolder } from '@guestbook/service-kit/testing'
import { FILES, ROOT } from './repository.ts'

export interface Result { status: number, stdout: string, stderr: string }

/** Git as on a computer where nobody has configured it. */
const UNCONFIGURED = { GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' }
const IDENTITY = ['-c', 'user.name=t', '-c', 'user.email=t@example']

/** Runs git in a folder, without the environment and the configuration of this computer. */
export function git (folder: string, ...args: string[]): string {
  const { PATH = '' } = process.env
  const env = { PATH, HOME: folder, ...UNCONFIGURED }
  const output = execFileSync('git', [...IDENTITY, ...args], { cwd: folder, env, stdio: 'pipe' })
  return output.toString().trim()
}

/** Makes a folder a repository whose branch is main, with every git. */
export function initRepository (folder: string, ...args: string[]): void {
  git(folder, 'init', '--quiet', ...args)
  git(folder, 'symbolic-ref', 'HEAD', 'refs/heads/main')
}

/** build.sh and the files that tags depend on. Of the services only two files each. */
export const BUILD_SOURCES = [
  'build.sh',
  'package-lock.json',
  '.npmrc',
  '.dockerignore',
  ...FILES.filter(file =>
    /^([^/]+\/|services\/[^/]+\/)?package\.json$|^services\/[^/]+\/Dockerfile$/.test(file)
  )
]

export class Checkout {
  readonly folder = temporaryFolder()
  readonly #bin = `${this.folder}/.bin`
  #path = `${this.#bin}${delimiter}${process.env.PATH}`

  /**
   * @param paths files and folders to copy; @param programs bodies of shell scripts, each of which
   * also writes its arguments down
   */
  constructor (paths: string[], programs: Record<string, string> = {}) {
    for (const file of FILES.filter(file =>
      paths.some(path => file === path || file.startsWith(`${path}/`))
    )) {
      mkdirSync(dirname(`${this.folder}/${file}`), { recursive: true })
      cpSync(`${ROOT}${file}`, `${this.folder}/${file}`, { recursive: true })
    }
    for (const place of ['', 'infra/', 'services/frontend/']) {
      if (!existsSync(`${this.folder}/${place}`)) continue
      symlinkSync(`${ROOT}${place}node_modules`, `${this.folder}/${place}node_modules`)
    }
    mkdirSync(this.#bin)
    for (const [name, body] of Object.entries(programs)) {
      this.script(`.bin/${name}`, `echo "${name} $*" >>"${this.folder}/.calls"\n${body}`)
    }
  }

  /** Makes it a git repository with one commit on main. */
  commitAll (): this {
    writeFileSync(`${this.folder}/.gitignore`, 'node_modules\n.bin\n.calls\n')
    initRepository(this.folder)
    this.git('add', '.')
    this.git('commit', '--quiet', '--message', 'Begin')
    return this
  }

  git (...args: string[]): string {
    return git(this.folder, ...args)
  }

  write (file: string, text: string): void {
    mkdirSync(dirname(`${this.folder}/${file}`), { recursive: true })
    writeFileSync(`${this.folder}/${file}`, text)
  }

  /** Writes a shell script that can be executed, and returns its path. */
  script (file: string, body: string): string {
    this.write(file, `#!/bin/bash\n${body}\n`)
    chmodSync(`${this.folder}/${file}`, 0o755)
    return `${this.folder}/${file}`
  }

  read (file: string): string | undefined {
    return existsSync(`${this.folder}/${file}`)
      ? readFileSync(`${this.folder}/${file}`, 'utf8')
      : undefined
  }

  /** What the stand-ins were called with, in order. */
  get calls (): string[] {
    return this.read('.calls')?.trim().split('\n') ?? []
  }

  /** From here on there are the stand-ins and these programs of the computer, and no others. */
  only (...programs: string[]): this {
    for (const name of programs) {
      const paths = (process.env.PATH ?? '').split(delimiter).map(folder => `${folder}/${name}`)
      symlinkSync(paths.find(path => existsSync(path))!, `${this.#bin}/${name}`)
    }
    this.#path = this.#bin
    return this
  }

  async run (command: string, args: string[], env: Record<string, string> = {}): Promise<Result> {
    // Nor is it part of a repository that the folder may lie in.
    const outside = { GIT_CEILING_DIRECTORIES: dirname(this.folder) }
    const variables = { PATH: this.#path, HOME: this.folder, ...UNCONFIGURED, ...outside, ...env }
    return await new Promise(resolve => {
      execFile(command, args, { cwd: this.folder, env: variables }, (error, stdout, stderr) => {
        // Of a process that a signal has ended there is no code.
        const status = typeof error?.code === 'number' ? error.code : Number(error !== null)
        resolve({ status, stdout, stderr })
      })
    })
  }
}
