import type { Config } from './config/schema.ts'

/** Where a host of the platform is reached, the port of the Kind cluster included. */
export function urlOf (config: Config, host: string): string {
  const port = config.target.type === 'kind' ? config.target.ports.http : 80
  return `http://${host}${port === 80 ? '' : `:${port}`}`
}
