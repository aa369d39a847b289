import { describe, expect, test } from '@jest/globals'
import { run, ROOT } from '../charts/tools.ts'

describe.each([['install-chromium', 'CHROMIUM'], ['install-wrk', 'WRK']])('%s', (script, setting) => {
  const install = async (args: string[], program = '/bin/true') => await run('env', [`${setting}=${program}`, `${ROOT}scripts/${script}`, ...args])

  test('takes the program that is named, in silence', async () => {
    expect(await install([])).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  test('refuses by its name what is no program', async () => {
    expect(await install([], '/nowhere/program')).toEqual({ status: 1, stdout: '', stderr: expect.stringContaining(`${setting}=/nowhere/program is not a program.`) })
  })

  test('ends on an unknown option with status 2 and how it is used', async () => {
    expect(await install(['--fast'])).toEqual({ status: 2, stdout: '', stderr: expect.stringContaining(`Usage: scripts/${script}`) })
    expect(await install(['--help'])).toMatchObject({ status: 0, stdout: expect.stringContaining('Usage:') })
  })
})
