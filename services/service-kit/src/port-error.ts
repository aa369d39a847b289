import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const exec = promisify(execFile)
/** Timeout of the commands that find the process on a port. */
const LOOKUP_TIMEOUT_MS = 2000
const MAX_COMMAND_LENGTH = 100

/** A port that is not available. */
export interface Port {
  port: number
  host: string
  /** How the number was determined, such as `PORT` or `BACKEND_PORT + 6300`. */
  origin: string
  /** Environment variable that changes the port. */
  setting: string
}

/** Explains why a port is not available, and which setting to change. */
export async function describePortError (
  { code, message }: NodeJS.ErrnoException,
  port: Port
): Promise<string> {
  const { host, origin, setting } = port
  const subject = `Port ${port.port} on ${host} (${origin})`
  switch (code) {
    case 'EADDRINUSE':
      return `${subject} is in use by ${await processOn(port.port)}. ` +
        `Stop that process, or set ${setting} to another port.`
    case 'EACCES':
      return `${subject} may be used by a privileged process only. ` +
        `Set ${setting} to a port from 1024 up.`
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'ENOTFOUND':
      return (
        `HOST=${host} is not an address of this computer (${code}). Set HOST to one, ` +
        'to localhost (loopback addresses) or to :: (every address).'
      )
    default:
      return `${subject} cannot be used: ${message}.`
  }
}

/**
 * Describes the process that listens on a port, if `lsof` or `ss` finds it. Never this process,
 * which may listen on the port of another address.
 */
async function processOn (port: number): Promise<string> {
  const outputs = [
    await run('lsof', '-nP', '-t', `-iTCP:${port}`, '-sTCP:LISTEN'),
    await run('ss', '-Hltnp', `sport = :${port}`)
  ]
  const pids = [...outputs[0]!.matchAll(/^(\d+)$/gm), ...outputs[1]!.matchAll(/pid=(\d+)/g)].map(
    ([, pid]) => pid!
  )
  const pid = pids.find(pid => Number(pid) !== process.pid)
  if (!pid) return 'another process'
  const command = (await run('ps', '-o', 'args=', '-p', pid)).trim().slice(0, MAX_COMMAND_LENGTH)
  return command === '' ? `process ${pid}` : `process ${pid} (${command})`
}

/** The output of a command; empty if it fails or is not installed. */
async function run (command: string, ...args: string[]): Promise<string> {
  return await exec(command, args, { timeout: LOOKUP_TIMEOUT_MS }).then(
    ({ stdout }) => stdout,
    () => ''
  )
}
