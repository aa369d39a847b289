import { expect, test } from '@jest/globals'
import { securityHeaders } from '../src/security-headers.ts'
import { fastify } from 'fastify'

async function appWith (options: Parameters<typeof securityHeaders>[1]) {
  const app = fastify()
  await app.register(securityHeaders, options)
  app.get('/', async () => 'page')
  return app
}

test('every response has the configured headers, errors too', async () => {
  const app = await appWith({
    strictTransportSecurity: false,
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"] } }
  })
  for (const path of ['/', '/nowhere']) {
    const { headers } = await app.inject(path)
    expect(headers).toMatchObject({
      'content-security-policy': "default-src 'none'",
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'SAMEORIGIN'
    })
    expect(headers).not.toHaveProperty('strict-transport-security')
  }
})

test('an invalid option is an error at start', async () => {
  await expect(
    appWith({
      contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ['self;'] } }
    })
  ).rejects.toThrow('Content-Security-Policy')
})
