import swagger from '@fastify/swagger'
import {
  createApp, problemErrors, securityHeaders, type App, type Service
} from '@guestbook/service-kit'
import { traceCallers, type Config } from './config.ts'
import { parseJsonStrictly } from './json-body.ts'
import { messageRoutes, storeProblem } from './messages/routes.ts'
import { TEXT_KEYWORDS } from './messages/text.ts'
import { openapi } from './openapi-info.ts'
import { forgetExpiredKeys } from './store/key-retention.ts'
import type { MessageStore } from './store/message-store.ts'
import { observeStore } from './store/observed-store.ts'

export interface Dependencies {
  service: Service
  /** The app closes it. */
  store: MessageStore
}

/** The HTTP server of the backend. */
export async function buildApp (config: Config, { service, store }: Dependencies): Promise<App> {
  const observed = observeStore(store, service)
  const app = await createApp(service, {
    traceCallers: traceCallers(config), keywords: TEXT_KEYWORDS
  })
  await app.register(problemErrors, { translate: storeProblem })
  await app.register(securityHeaders, {
    strictTransportSecurity: false, // TLS ends at the ingress, which may set it
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] }
    }
  })
  await app.register(swagger, {
    openapi,
    refResolver: { buildLocalReference: schema => String(schema.$id) }
  })
  parseJsonStrictly(app)

  service.health.addCheck('store', async () => { await observed.ping() })
  forgetExpiredKeys(app, observed, service.log)
  app.addHook('onClose', async () => { await store.close() })

  await app.register(messageRoutes, {
    prefix: '/api/v1/messages',
    store: observed,
    moderatorToken: config.MODERATOR_TOKEN,
    registers: service.metrics.registers
  })
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger())
  app.rejectOtherMethods()
  await app.ready()
  return app
}
