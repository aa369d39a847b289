import { readFileSync } from 'node:fs'
import { createContext, runInContext } from 'node:vm'
import { ROOT } from './tools.ts'

/** Lines that a script printed, and its first exit status. */
export interface Ended { readonly status: number, readonly log: string[] }

/**
 * Runs a script of the MongoDB chart as mongosh does: with `quit`, `require` and an environment.
 * Modules and other globals are fakes.
 */
export async function runInMongosh (
  name: string, env: Record<string, string>, modules: Record<string, unknown>, globals: object = {}
): Promise<Ended> {
  const text = readFileSync(`${ROOT}charts/guestbook-mongodb/files/${name}`, 'utf8')
  const log: string[] = []
  const status = await new Promise<number>((resolve, reject) => {
    const context = createContext({
      console: { log: (line: string) => { log.push(line) } },
      process: { env },
      require: (module: string) => modules[module] ?? reject(new Error(`requires ${module}`)),
      quit: resolve,
      Buffer,
      ...globals
    })
    runInContext(text, context, { filename: name })
  })
  return { status, log }
}

/** A fake `fs` with these files. */
export const filesystem = (files: Record<string, string>) => ({
  existsSync: (path: string) => path in files,
  readFileSync: (path: string, encoding?: string) => {
    const text = files[path]
    if (text === undefined) throw new Error(`ENOENT: ${path}`)
    return encoding === 'utf8' ? text : Buffer.from(text)
  }
})
