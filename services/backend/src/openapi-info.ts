import type { SwaggerOptions } from '@fastify/swagger'

/** What the OpenAPI document says beyond the routes' own schemas. */
export const openapi: Extract<SwaggerOptions, { openapi?: unknown }>['openapi'] = {
  openapi: '3.1.0',
  info: {
    title: 'Guestbook API',
    description: 'Post, list and moderate messages. Errors are RFC 9457 problem details.',
    contact: {
      name: 'Guestbook platform',
      url: 'https://github.com/guestbook/guestbook-platform'
    },
    version: '1.0.0',
    license: { name: 'MIT', url: 'https://opensource.org/license/mit' }
  },
  servers: [{ url: '/', description: 'Where this document was read' }],
  tags: [
    { name: 'messages', description: 'What visitors do' },
    { name: 'moderation', description: 'What takes the moderator token' }
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
