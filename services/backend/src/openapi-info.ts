import type { SwaggerOptions } from '@fastify/swagger'

/** The OpenAPI document, without the routes' schemas. */
export const openapi: Extract<SwaggerOptions, { openapi?: unknown }>['openapi'] = {
  openapi: '3.1.0',
  info: {
    title: 'Guestbook API',
    description: 'Post, list and moderate messages. Errors are RFC 9457 problem details.',
    contact: { name: 'Guestbook platform', url: 'https://github.com/guestbook/guestbook-platform' },
    version: '1.0.0',
    license: { name: 'MIT', url: 'https://opensource.org/license/mit' }
  },
  servers: [{ url: '/', description: 'The server of this document' }],
  tags: [
    { name: 'messages', description: 'For visitors' },
    { name: 'moderation', description: 'Requires the moderator token' }
  ],
  components: {
    securitySchemes: {
      moderator: {
        type: 'http',
        scheme: 'bearer',
        description: 'The MODERATOR_TOKEN of the deployment.'
      }
    }
  }
}
