import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { temporaryFolder } from '@guestbook/service-kit/testing'
import { expect, test } from '@jest/globals'
import { ROOT, run } from '../charts/tools.ts'

const RECENT = {
  prometheus: 'version 2.42.0',
  promtool: 'version 3.14.0',
  alertmanager: 'version 0.28.1',
  amtool: 'version 0.25.0',
  blackbox_exporter: 'version 0.27.0'
}

/** A copy of the script and programs of these versions. A fake apt-get records its arguments. */
function checkout (versions: Record<string, string>) {
  const folder = temporaryFolder()
  for (const name of ['scripts', 'bin']) mkdirSync(`${folder}/${name}`)
  for (const script of ['install-prometheus', 'usage.sh']) {
    cpSync(`${ROOT}scripts/${script}`, `${folder}/scripts/${script}`)
  }
  const programs = {
    ...Object.fromEntries(
      Object.entries(versions).map(([name, version]) => [name, `echo "${name}, ${version}"`])
    ),
    'apt-get':
      `echo "$@" >>${folder}/asked; ` +
      '[ "$1" != download ] || { echo no network >&2; exit 1; }'
  }
  for (const [name, body] of Object.entries(programs)) {
    writeFileSync(`${folder}/bin/${name}`, `#!/bin/sh\n${body}\n`)
    chmodSync(`${folder}/bin/${name}`, 0o755)
  }
  writeFileSync(`${folder}/asked`, '')
  return {
    install: async (...args: string[]) =>
      await run('env', [
        `PATH=${folder}/bin:/usr/bin:/bin`,
        `${folder}/scripts/install-prometheus`,
        ...args
      ]),
    asked: () => readFileSync(`${folder}/asked`, 'utf8')
  }
}

test('an unknown option exits with status 2 and prints the usage', async () => {
  expect(await checkout(RECENT).install('--fast')).toEqual({
    status: 2,
    stdout: '',
    stderr: expect.stringContaining('Usage: scripts/install-prometheus')
  })
  expect(await checkout(RECENT).install('--help')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('Usage:')
  })
})

test('recent programs on the PATH are used without output', async () => {
  const copy = checkout(RECENT)
  expect(await copy.install()).toEqual({ status: 0, stdout: '', stderr: '' })
  expect(copy.asked()).toBe('')
})

test('an outdated program is fetched, and a failure shows its cause', async () => {
  const copy = checkout({ ...RECENT, promtool: 'version 2.41.0' })
  expect(await copy.install()).toEqual({
    status: 1,
    stdout: expect.stringContaining('prometheus: fetching'),
    stderr: 'no network\n'
  })
  expect(copy.asked()).toMatch(/download -qq prometheus\n$/)
})
