import { start } from '@guestbook/service-kit/start'
import { ConfigSchema } from './config.ts'

await start('guestbook-backend', ConfigSchema, async () => await import('./main.ts'))
