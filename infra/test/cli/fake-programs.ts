/** Commands in a temporary folder, with fake programs that record their calls. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, jest } from '@jest/globals'
import { context, type Context } from '../../cli/context.ts'

export interface FakePrograms {
  /** Replaces the folder infra. */
  readonly infra: string
  readonly context: Context
  /** One line for each call: the program and its arguments. */
  readonly calls: () => string[]
  /** What the command printed, line by line, without the time since the start. */
  readonly output: string[]
  /** `kubectl` with the options of every call. */
  readonly kubectl: string
}

const folders: string[] = []
afterEach(() => {
  jest.restoreAllMocks()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/**
 * Replaces programs until the end of the test.
 * @param programs shell scripts by the name of the program. `$*` are its arguments.
 * @param settings as in local.yaml
 */
export function fakePrograms (
  programs: Record<string, string>, settings: object = {}, env: NodeJS.ProcessEnv = {}
): FakePrograms {
  const infra = mkdtempSync(join(tmpdir(), 'guestbook-fake-programs-'))
  folders.push(infra)
  const [bin, record] = [join(infra, 'bin'), join(infra, 'calls')]
  mkdirSync(bin)
  for (const [name, text] of Object.entries(programs)) {
    const script = `#!/bin/sh\nprintf '%s\\n' "${name} $*" >> '${record}'\n${text}\n`
    writeFileSync(join(bin, name), script, { mode: 0o755 })
  }
  writeFileSync(join(infra, 'local.yaml'), JSON.stringify(settings))
  const output: string[] = []
  jest.spyOn(console, 'log').mockImplementation((text = '') => {
    output.push(...String(text).replace(/^\[\d+:\d\d\] /, '').split('\n'))
  })
  const found = context(infra, { PATH: [bin, process.env.PATH].join(delimiter), ...env })
  rmSync(record, { force: true }) // `docker context inspect`
  return {
    infra,
    context: found,
    calls: () => existsSync(record) ? readFileSync(record, 'utf8').trim().split('\n') : [],
    output,
    kubectl: `kubectl --kubeconfig ${found.kubeconfig} --context ${found.kubeContext}`
  }
}

/** Settings of an existing cluster. */
export const EXISTING_CLUSTER = {
  target: { type: 'context', context: 'there', kubeconfig: '/nowhere/config' },
  images: { repository: 'r' }
}
/** Settings of a remote state. */
export const REMOTE_STATE = { state: { backend: 's3', settings: { bucket: 'b' } } }
/** A state of Terraform that has the cluster. */
export const STATE = '{"resources": [{ "type": "kind_cluster" }]}'

/** Shell that prints `text` unchanged. */
export const print = (text: string) => `cat <<'END'\n${text}\nEND`

/** Shell that prints an event of Terraform. */
export const event = (value: object) => print(JSON.stringify(value))

/** Shell that answers by the first of `answers` whose pattern the arguments match, else fails. */
export function answer (answers: Record<string, string>): string {
  const cases = Object.entries(answers)
    .map(([pattern, text]) => `${pattern.replaceAll(' ', '\\ ')})\n${text}\n;;`)
  return `case "$*" in\n${cases.join('\n')}\n*) exit 1 ;;\nesac`
}
