import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { temporaryFolder } from '@guestbook/service-kit/testing'
import { ROOT, run, type Output } from './tools.ts'

/** Absolute paths of a container that the scripts use. */
const CONTAINER_PATHS = /(?<![\w./$}])\/(?=(?:backup|data|etc|opt|proc|run|tmp)\b)/g

/** A folder in place of a container's file system, with stubs of its programs on the PATH. */
export class Sandbox {
  readonly folder = temporaryFolder()

  /** Stubs are bodies of shell scripts. Their arguments are recorded. */
  constructor (programs: Record<string, string> = {}) {
    for (
      const folder of [
        'backup', 'bin', 'data/db', 'etc', 'opt', 'proc/net', 'run/guestbook-mongodb', 'tmp'
      ]
    ) {
      mkdirSync(`${this.folder}/${folder}`, { recursive: true })
    }
    for (const [name, body] of Object.entries(programs)) {
      const log = `echo "${name}\${*:+ $*}" >>${this.folder}/calls`
      writeFileSync(`${this.folder}/bin/${name}`, `#!/bin/bash\n${log}\n${this.#mounted(body)}\n`)
      chmodSync(`${this.folder}/bin/${name}`, 0o755)
    }
  }

  /** The real path of a path in the container. */
  path (path: string): string { return `${this.folder}${path}` }
  read (path: string): string { return readFileSync(this.path(path), 'utf8') }
  write (path: string, content: string | Buffer): void {
    mkdirSync(dirname(this.path(path)), { recursive: true })
    writeFileSync(this.path(path), content)
  }

  list (path: string): string[] { return readdirSync(this.path(path)).sort() }

  /** Calls of the stubs in order, with the container's paths. */
  get calls (): string[] {
    if (!existsSync(`${this.folder}/calls`)) return []
    return readFileSync(`${this.folder}/calls`, 'utf8').replaceAll(this.folder, '').trimEnd().split(
      '\n'
    )
  }

  /** Writes a script of the MongoDB chart with this folder as its root. */
  script (name: string, edit = (text: string) => text): string {
    const path = `${this.folder}/${name}`
    const text = readFileSync(`${ROOT}charts/guestbook-mongodb/files/${name}`, 'utf8')
    writeFileSync(path, this.#mounted(edit(text)))
    return path
  }

  /** Runs a script. Its output has the container's paths. */
  async run (
    name: string,
    env: Record<string,
    string> = {},
    args: string[] = [],
    edit?: (text: string) => string
  ): Promise<Output> {
    const variables = Object.entries({ PATH: this.searchPath, ...env }).map(
      ([key, value]) => `${key}=${value}`
    )
    const command = ['--ignore-environment', ...variables, 'bash', this.script(name, edit), ...args]
    const { status, stdout, stderr } = await run('env', command)
    return {
      status, stdout: stdout.replaceAll(this.folder, ''), stderr: stderr.replaceAll(this.folder, '')
    }
  }

  get searchPath (): string { return `${this.folder}/bin:${process.env.PATH ?? ''}` }

  #mounted (text: string): string {
    return text.replace(CONTAINER_PATHS, `${this.folder}/`)
  }
}
