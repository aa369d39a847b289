import { fileURLToPath } from 'node:url'
import cookie from '@fastify/cookie'
import view from '@fastify/view'
import {
  createApp, originsOf, securityHeaders, type App, type Service
} from '@guestbook/service-kit'
import handlebars from 'handlebars'
import { BackendClient } from './backend/client.ts'
import type { Config } from './config.ts'
import type { Context } from './context.ts'
import { parseForms } from './form.ts'
import { describeClientError, errorPages } from './pages/errors.ts'
import { newestReader } from './pages/newest.ts'
import { PageRenderer } from './pages/renderer.ts'
import { assetRoutes } from './routes/assets.ts'
import { guestbookRoute } from './routes/guestbook.ts'
import { messageRoute } from './routes/message.ts'
import { postMessageRoute } from './routes/post-message.ts'

const SELF = ["'self'"]
const NONE = ["'none'"]

/** The HTTP server of the frontend, not yet listening. */
export async function buildApp (config: Config, { service }: { service: Service }): Promise<App> {
  const app = await createApp(service, { describeClientError })
  await app.register(securityHeaders, {
    contentSecurityPolicy: {
      useDefaults: false, // the defaults upgrade links to HTTPS, which may not exist
      directives: {
        defaultSrc: NONE,
        styleSrc: SELF,
        imgSrc: SELF,
        formAction: SELF,
        baseUri: NONE,
        frameAncestors: NONE
      }
    },
    referrerPolicy: { policy: 'same-origin' }, // no-referrer makes browsers send "Origin: null"
    crossOriginOpenerPolicy: false, // no scripts to isolate; browsers warn about it on plain HTTP
    originAgentCluster: false,
    strictTransportSecurity: false // set by the ingress, which terminates TLS
  })
  await app.register(cookie)
  app.removeAllContentTypeParsers() // JSON and plain text would bypass the form's checks
  parseForms(app)
  await app.register(view, {
    engine: { handlebars },
    root: fileURLToPath(new URL('../views', import.meta.url)),
    options: {
      partials: {
        layout: 'layout.hbs', article: 'article.hbs', form: 'form.hbs', alert: 'alert.hbs'
      }
    },
    production: true // compile each template once
  })

  const client = new BackendClient(config.BACKEND_URL, service)
  app.addHook('onClose', async () => { await client.close() })
  const pages = new PageRenderer(app, assetRoutes(app))
  const context: Context = {
    client,
    pages,
    newest: newestReader(client, pages),
    publicOrigins: originsOf(config.PUBLIC_ORIGIN ?? '')
  }
  errorPages(app, context)
  await app.register(guestbookRoute, context)
  await app.register(postMessageRoute, context)
  await app.register(messageRoute, context)
  app.rejectOtherMethods()
  await app.ready()
  return app
}
