import type { ParseArgsOptionsConfig } from 'node:util'

/** Options that every command has. */
export const COMMON_OPTIONS = {
  help: { type: 'boolean', short: 'h', default: false }
} satisfies ParseArgsOptionsConfig

export interface Command<Options extends { help: boolean }> {
  /** @throws Error naming the option that is wrong */
  parse: (args: string[], env: NodeJS.ProcessEnv) => Options
  usage: string
  help: string
  /** Resolves to whether it succeeded. */
  run: (options: Options) => Promise<boolean>
}

/** Runs a command line. Status 1: it did not succeed. Status 2, with the usage: a wrong option. */
export async function command<Options extends { help: boolean }> (
  { parse, usage, help, run }: Command<Options>
): Promise<void> {
  let options: Options
  try {
    options = parse(process.argv.slice(2), process.env)
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`)
    process.exitCode = 2
    return
  }
  if (options.help) console.log(help)
  else process.exit((await run(options)) ? 0 : 1)
}

/** Logs lines with the command's name and the seconds since its start. */
export function progressOf (name: string): (line: string) => void {
  const started = performance.now()
  return line => {
    const seconds = String(Math.round((performance.now() - started) / 1000))
    console.log(`${name} ${seconds.padStart(4)} s: ${line}`)
  }
}
