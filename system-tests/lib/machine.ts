import { spawnSync } from 'node:child_process'
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os'
import { MONGOD } from './mongod.ts'

const { WRK = 'wrk' } = process.env

export interface Machine {
  cpu: string
  cores: number
  memoryGib: number
  linux: string
  node: string
  mongod: string
  loadGenerator: string
}

/** Facts that a report must name, because results depend on them. */
export function machineFacts (): Machine {
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
    mongod: version(MONGOD, '--version', /v(\d[\d.]*)/),
    loadGenerator: `wrk ${version(WRK, '--version', /wrk (?:debian\/)?([\d.]+)/)}`
  }
}

/** The average of the last minute. */
export const loadAverage = (): number => Math.round(loadavg()[0]! * 10) / 10
