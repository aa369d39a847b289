import { createService, run, type Tracing } from '@guestbook/service-kit'
import { buildApp } from './app.ts'
import type { Config } from './config.ts'

export async function main (config: Config, tracing: Tracing): Promise<void> {
  const service = createService('guestbook-frontend', config)
  const app = await buildApp(config, { service })
  await run({ service, app, port: config.PORT, tracing })
}
