import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { temporaryFolder } from '@guestbook/service-kit/testing'
import { expect, test } from '@jest/globals'
import { ROOT, run } from '../charts/tools.ts'

const NEW = {
  prometheus: 'version 2.42.0',
  promtool: 'version 3.14.0',
  alertmanager: 'version 0.28.1',
  amtool: 'version 0.25.0',
  blackbox_exporter: 'version 0.27.0'
}

/** A copy of the script in a folder of its own, with programs of these versions; apt-get writes down what it is asked. */
function checkout (versions: Record<string, string>) {
  const folder = temporaryFolder()
  for (const name of ['scripts', 'bin']) mkdirSync(`${folder}/${name}`)
  cpSync(`${ROOT}scripts/install-prometheus`, `${folder}/scripts/install-prometheus`)
  const programs = {
    ...Object.fromEntries(
      Object.entries(versions).map(([name, version]) => [name, `echo "${name}, ${version}"`])
    ),
    'apt-get': `echo "$@" >>${folder}/asked; [ "$1" != download ] || { echo no network >&2; exit 1; }`
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

test('an unknown option ends with status 2 and how it is used', async () => {
  expect(await checkout(NEW).install('--fast')).toEqual({
    status: 2,
    stdout: '',
    stderr: expect.stringContaining('Usage: scripts/install-prometheus')
  })
  expect(await checkout(NEW).install('--help')).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('Usage:')
  })
})

test('programs on the PATH that are new enough are used as they are, in silence', async () => {
  const place = checkout(NEW)
  expect(await place.install()).toEqual({ status: 0, stdout: '', stderr: '' })
  expect(place.asked()).toBe('')
})

test('of one that is too old the package is fetched, and a failure shows why', async () => {
  const place = checkout({ ...NEW, promtool: 'version 2.41.0' })
  expect(await place.install()).toEqual({
    status: 1,
    stdout: expect.stringContaining('prometheus: fetching'),
    stderr: 'no network\n'
  })
  expect(place.asked()).toMatch(/download -qq prometheus\n$/)
})
