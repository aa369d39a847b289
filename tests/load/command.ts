export interface Command<Options extends { help: boolean }> {
  /** @throws Error naming the option that is wrong */
  parse: () => Options
  usage: string
  help: string
  /** Resolves to the process's exit code. */
  run: (options: Options) => Promise<number>
}

/** Runs a command line: a wrong option is told with the usage and status 2, --help tells the help and does nothing. */
export async function command<Options extends { help: boolean }> ({ parse, usage, help, run }: Command<Options>): Promise<void> {
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
