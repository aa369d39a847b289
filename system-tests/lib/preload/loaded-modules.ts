/** Writes the name of every loaded OpenTelemetry package to stderr. */
import { registerHooks } from 'node:module'

const seen = new Set<string>()

registerHooks({
  load (url, context, nextLoad) {
    const name = /node_modules\/(@opentelemetry\/[^/]+)\//.exec(url)?.[1]
    if (name && !seen.has(name)) {
      seen.add(name)
      process.stderr.write(`loaded ${name}\n`)
    }
    return nextLoad(url, context)
  }
})
