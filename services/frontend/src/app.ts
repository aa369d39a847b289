import { fileURLToPath } from 'node:url'
import cookie from '@fastify/cookie'
import view from '@fastify/view'
import {
  createApp,
  originsOf,
  securityHeaders,
  type App,
  type Service
} from '@guestbook/service-kit'
import handlebars from 'handlebars'
import { serveAssets } from './assets.ts'
import { BackendClient } from './backend-client.ts'
import type { Config } from './config.ts'
import { parseForms } from './form.ts'
import { describeClientError, errorPages } from './pages/errors.ts'
import { guestbookRoutes } from './pages/guestbook.ts'
import { messageRoute } from './pages/message.ts'
import { newestReader } from './pages/newest.ts'
import { Pages } from './pages/view.ts'

const SELF = ["'self'"]
const NONE = ["'none'"]

/** The public side of the frontend, ready to listen or to be injected into. */
export async function buildApp (config: Config, { service }: { service: Service }): Promise<App> {
  const app = await createApp(service, { describeClientError })
  await app.register(securityHeaders, {
    contentSecurityPolicy: {
      useDefaults: false, // its defaults upgrade plain-HTTP pages to HTTPS addresses that may not exist
      directives: {
        defaultSrc: NONE,
        styleSrc: SELF,
        imgSrc: SELF,
        formAction: SELF,
        baseUri: NONE,
        frameAncestors: NONE
      }
    },
    referrerPolicy: { policy: 'same-origin' }, // with no-referrer browsers send "Origin: null" with the form
    crossOriginOpenerPolicy: false, // without scripts there is nothing to isolate, and browsers complain on plain HTTP
    originAgentCluster: false,
    strictTransportSecurity: false // the ingress ends TLS and knows whether there is any
  })
  await app.register(cookie)
  app.removeAllContentTypeParsers() // JSON and plain text would pass by the checks of the form
  parseForms(app)
  await app.register(view, {
    engine: { handlebars },
    root: fileURLToPath(new URL('../views', import.meta.url)),
    options: {
      partials: {
        layout: 'layout.hbs',
        article: 'article.hbs',
        form: 'form.hbs',
        alert: 'alert.hbs'
      }
    },
    production: true // templates are compiled once
  })

  const client = new BackendClient(config.BACKEND_URL, service)
  app.addHook('onClose', async () => { await client.close() })
  const pages = new Pages(async (name, data) => await app.view(name, data), serveAssets(app))
  const newest = newestReader(client, pages)

  errorPages(app, { pages, newest })
  const publicOrigins = originsOf(config.PUBLIC_ORIGIN ?? '')
  const options = { client, pages, newest, publicOrigins }
  await app.register(guestbookRoutes, options)
  await app.register(messageRoute, options)
  app.rejectOtherMethods()
  await app.ready()
  return app
}
