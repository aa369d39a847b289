export interface Command<Options extends { help: boolean }> {
  /** @throws Error naming the option that is wrong */
  parse: () => Options
  usage: string
  help: string
  /** Resolves to the process's exit code. */
  run: (options: Options) => Promise<number>
}

/** Runs a command line: a wrong option is told with the usage and status 2, --help tells the help and does nothing. */
export async function command<Options extends { help: boolean }> ({
  parse,
  usage,
  help,
  run
}: Command<Options>): Promise<void> {
  let options: Options
  try {
    options = parse()
  } catch (error) {
    console.error(`${(error as Error).message}\n${usage}`)
    process.exitCode = 2
    return
  }
  if (options.help) console.log(help)
  else process.exit(await run(options))
}

/** Says lines with the command's name and the seconds since its start. */
export function progressOf (name: string): (line: string) => void {
  const started = performance.now()
  return line => {
    console.log(
      `${name} ${String(Math.round((performance.now() - started) / 1000)).padStart(4)} s: ${line}`
    )
  }
}
