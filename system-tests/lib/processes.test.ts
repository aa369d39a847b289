import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from '@jest/globals'
import { cpuSeconds, family, memoryMib, openFiles } from './processes.ts'

test('a process has descendants, memory, open files and CPU time', async () => {
  const program =
    'require("node:child_process").spawn("sleep", ["60"]).once("spawn", () => {' +
    'const end = Date.now() + 300; while (Date.now() < end); console.log("ready") })'
  const child = spawn(process.execPath, ['--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  try {
    await once(child.stdout, 'data')
    const members = family(child.pid!)
    expect(members).toHaveLength(2)
    expect(cpuSeconds(members)).toBeGreaterThan(0)
    const { now, peak } = memoryMib(child.pid!)
    expect(now).toBeGreaterThan(10)
    expect(peak).toBeGreaterThanOrEqual(now)
    expect(openFiles(child.pid!)).toBeGreaterThan(2)
    process.kill(members[1]!, 'SIGKILL')
  } finally {
    child.kill('SIGKILL')
    await once(child, 'close')
  }
  expect(cpuSeconds([child.pid!])).toBe(0)
})
