/** CPU time, memory and open files of processes, as Linux reports them. */
import { readdirSync, readFileSync } from 'node:fs'

/** Kernel ticks per second in /proc; the same on every Linux that Node runs on. */
const TICKS = 100

/** The ids of a process and of all its descendants that run. */
export function family (pid: number): number[] {
  const parents = new Map<number, number[]>()
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const parent = Number(fieldsOf(Number(entry))?.[1])
    parents.set(parent, [...parents.get(parent) ?? [], Number(entry)])
  }
  const found = [pid]
  for (const member of found) found.push(...parents.get(member) ?? [])
  return found
}

/** Seconds of CPU time that the processes have used since they started. */
export function cpuSeconds (pids: number[]): number {
  return pids.reduce((sum, pid) => {
    const fields = fieldsOf(pid)
    return sum + (fields ? (Number(fields[11]) + Number(fields[12])) / TICKS : 0)
  }, 0)
}

/** Resident memory in MiB: its maximum, and the part that is no file such as the node binary. */
export function memoryMib (pid: number): { now: number, peak: number, own: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mib = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? NaN) / 1024
  return { now: mib('VmRSS'), peak: mib('VmHWM'), own: mib('RssAnon') }
}

export const openFiles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length

/** The fields of /proc/PID/stat after the command's name, which may have spaces. */
function fieldsOf (pid: number): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ')
  } catch {
    return undefined // already ended
  }
}
