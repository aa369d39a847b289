import { expect, test } from '@jest/globals'
import { run, ROOT } from '../../charts/tools.ts'

const install = async (args: string[], wrk = '/bin/true') => await run('env', [`WRK=${wrk}`, `${ROOT}scripts/install-wrk`, ...args])

test('a load generator that is named is taken, in silence', async () => {
  expect(await install([])).toEqual({ status: 0, stdout: '', stderr: '' })
})

test('one that is no program is refused with its name', async () => {
  expect(await install([], '/nowhere/wrk')).toEqual({ status: 1, stdout: '', stderr: expect.stringContaining('WRK=/nowhere/wrk is not a program.') })
})

test('an unknown option ends with status 2 and how it is used', async () => {
  expect(await install(['--fast'])).toEqual({ status: 2, stdout: '', stderr: expect.stringContaining('Usage: scripts/install-wrk') })
  expect(await install(['--help'])).toMatchObject({ status: 0, stdout: expect.stringContaining('Usage:') })
})
