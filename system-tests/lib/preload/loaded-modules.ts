/** Tells on stderr of every OpenTelemetry package that is loaded, by import or by require. */
import { registerHooks } from 'node:module'

const told = new Set<string>()

registerHooks({
  load (url, context, nextLoad) {
    const name = /node_modules\/(@opentelemetry\/[^/]+)\//.exec(url)?.[1]
    if (name && !told.has(name)) {
      told.add(name)
      process.stderr.write(`loaded ${name}\n`)
    }
    return nextLoad(url, context)
  }
})
