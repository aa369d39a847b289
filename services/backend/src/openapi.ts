/** Writes openapi.json; with --check, fails if it is stale. */
import { readFileSync, writeFileSync } from 'node:fs'
import { createService, loadConfig } from '@guestbook/service-kit'
import { buildApp } from './app.ts'
import { ConfigSchema } from './config.ts'
import type { MessageStore } from './store/message-store.ts'

const file = new URL('../openapi.json', import.meta.url)
const config = loadConfig(ConfigSchema, { LOG_LEVEL: 'fatal' })
const noStore = { close: async () => {} } as MessageStore
const app = await buildApp(config, { service: createService('openapi', config), store: noStore })
const document = `${JSON.stringify(app.swagger(), null, 2)}\n`
await app.close()

if (!process.argv.includes('--check')) writeFileSync(file, document)
else if (readFileSync(file, 'utf8') !== document) {
  console.error('services/backend/openapi.json is stale: run `make openapi` and commit the result.')
  process.exit(1)
}
