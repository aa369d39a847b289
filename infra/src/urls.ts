import type { Config } from './config/schema.ts'

/** URL of a host of the platform, with the port of the Kind cluster. */
export function urlOf (config: Config, host: string): string {
  const port = config.target.type === 'kind' ? config.target.ports.http : 80
  return `http://${host}${port === 80 ? '' : `:${port}`}`
}
