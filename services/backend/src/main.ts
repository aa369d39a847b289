import { createService, run, type Tracing } from '@guestbook/service-kit'
import { buildApp } from './app.ts'
import type { Config } from './config.ts'
import { openStore } from './store/open-store.ts'

export async function main (config: Config, tracing: Tracing): Promise<void> {
  const service = createService('guestbook-backend', config)
  const store = await openStore(config, service.log)
  const app = await buildApp(config, { service, store })
  await run({ service, app, port: config.PORT, tracing })
}
