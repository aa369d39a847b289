import { start } from '@guestbook/service-kit/start'
import { ConfigSchema } from './config.ts'

await start('guestbook-frontend', ConfigSchema, async () => await import('./main.ts'))
