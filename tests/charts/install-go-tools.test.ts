import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { temporaryFolder } from '../services/process.ts'
import { ROOT, run } from './helm.ts'

/** A copy of the script in a folder of its own, with these stand-ins for programs; `go` writes down what it is asked. */
function checkout (programs: Record<string, string>): { script: string, bin: string, asked: () => string } {
  const folder = temporaryFolder()
  mkdirSync(`${folder}/scripts`)
  mkdirSync(`${folder}/bin`)
  cpSync(`${ROOT}scripts/install-go-tools`, `${folder}/scripts/install-go-tools`)
  const all = { node: 'true', go: `echo "$@" >>${folder}/asked`, ...programs }
  for (const [name, body] of Object.entries(all)) {
    writeFileSync(`${folder}/bin/${name}`, `#!/bin/sh\n${body}\n`)
    chmodSync(`${folder}/bin/${name}`, 0o755)
  }
  writeFileSync(`${folder}/asked`, '')
  return { script: `${folder}/scripts/install-go-tools`, bin: `${folder}/bin`, asked: () => readFileSync(`${folder}/asked`, 'utf8') }
}

const install = async ({ script, bin }: { script: string, bin: string }, ...args: string[]) => await run('env', [`PATH=${bin}:/usr/bin:/bin`, script, ...args])

test('an unknown option ends with status 2 and how it is used', async () => {
  expect(await install(checkout({}), '--fast')).toEqual({ status: 2, stdout: '', stderr: expect.stringContaining('Usage: scripts/install-go-tools') })
  expect(await install(checkout({}), '--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('Usage:') })
})

test.each(['v3.18.0', 'v3.22.0', 'v4.0.1+g123abc'])('helm %s on the PATH is used as it is, in silence', async version => {
  const place = checkout({ helm: `echo ${version}`, kubeconform: 'echo v0.8.0', actionlint: 'echo 1.7.12' })
  expect(await install(place)).toEqual({ status: 0, stdout: '', stderr: '' })
  expect(place.asked()).toBe('')
})

test.each(['v3.17.4', 'v2.17.0'])('helm %s is too old, so the pinned one is built beside it', async version => {
  const place = checkout({ helm: `echo ${version}`, kubeconform: 'echo v0.8.0', actionlint: 'echo 1.7.12' })
  expect(await install(place)).toMatchObject({ status: 0, stdout: 'helm: building v3.22.0 (about 3 min)\n' })
  expect(place.asked()).toMatch(/^install .*helm\.sh\/helm\/v3\/cmd\/helm@v3\.22\.0\n$/)
})

test('what is missing is built, each with one line of progress', async () => {
  const place = checkout({})
  expect((await install(place)).stdout.split('\n')).toEqual(['helm: building v3.22.0 (about 3 min)', 'kubeconform: building v0.8.0 (about 1 min)', 'actionlint: building v1.7.12 (about 1 min)', ''])
  expect(place.asked()).toContain('kubeconform@v0.8.0')
  expect(place.asked()).toContain('actionlint@v1.7.12')
})

test('a build that fails shows why', async () => {
  expect(await install(checkout({ go: 'echo no network >&2; exit 1' }))).toMatchObject({ status: 1, stderr: 'no network\n' })
})
