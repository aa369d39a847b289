import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const exec = promisify(execFile)
/** Longest that a tool may take to find the holder of a port. */
const LOOKUP_TIMEOUT_MS = 2000
const MAX_COMMAND_LENGTH = 100

/** A port that cannot be had, for the words of the error. */
export interface Port {
  port: number
  /** The address or name that it was to be taken on. */
  host: string
  /** Where the number comes from, such as `PORT` or `BACKEND_PORT + 6300`. */
  origin: string
  /** Environment variable that moves the port. */
  setting: string
}

/** Says why a listener did not start, and which setting helps. */
export async function describePortError (
  { code, message }: NodeJS.ErrnoException,
  wanted: Port
): Promise<string> {
  const { port, host, origin, setting } = wanted
  const subject = `Port ${port} on ${host} (${origin})`
  switch (code) {
    case 'EADDRINUSE':
      return `${subject} is in use by ${await holderOf(port)}. Stop that process, or set ${setting} to another port.`
    case 'EACCES':
      return `${subject} may be used by a privileged process only. Set ${setting} to a port from 1024 up.`
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
 * The process that listens on a port, in words, as far as `lsof` or `ss` is there and may tell. This
 * process is never meant: it may listen on the port already, on another address.
 */
async function holderOf (port: number): Promise<string> {
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

/** What a command writes; nothing when it is not there or fails. */
async function run (command: string, ...args: string[]): Promise<string> {
  return await exec(command, args, { timeout: LOOKUP_TIMEOUT_MS }).then(
    ({ stdout }) => stdout,
    () => ''
  )
}
