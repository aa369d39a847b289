import { start } from '@guestbook/service-kit/start'
import { ConfigSchema, traceCallers } from './config.ts'

await start('guestbook-backend', ConfigSchema, async () => await import('./main.ts'), traceCallers)
