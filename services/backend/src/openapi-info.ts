import type { SwaggerOptions } from '@fastify/swagger'

/** What the OpenAPI document says beyond the routes' own schemas. */
export const openapi: Extract<SwaggerOptions, { openapi?: unknown }>['openapi'] = {
  openapi: '3.1.0',
  info: {
    title: 'Guestbook API',
    description: 'Post, list and moderate messages. Errors are RFC 9457 problem details.',
    version: '1.0.0',
    license: { name: 'MIT', identifier: 'MIT' }
  },
  components: {
    securitySchemes: { moderator: { type: 'http', scheme: 'bearer', description: 'The MODERATOR_TOKEN of the deployment.' } }
  }
}
