import { spawnSync } from 'node:child_process'
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os'

export interface Machine {
  cpu: string
  cores: number
  memoryGib: number
  linux: string
  node: string
  mongod: string
  loadGenerator: string
}

export function machineFacts (mongod: string): Machine {
  const version = (command: string, arg: string, pattern: RegExp) => {
    const { stdout, stderr } = spawnSync(command, [arg], { encoding: 'utf8' })
    return pattern.exec(`${stdout}${stderr}`)?.[1] ?? 'unknown'
  }
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    linux: release(),
    node: process.version,
    mongod: version(mongod, '--version', /v(\d[\d.]*)/),
    loadGenerator: `wrk ${version(process.env.WRK ?? 'wrk', '--version', /wrk (?:debian\/)?([\d.]+)/)}`
  }
}

/** Of the last minute. */
export const loadAverage = (): number => Math.round(loadavg()[0]! * 10) / 10
