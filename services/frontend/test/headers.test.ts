import { describe, expect, test } from '@jest/globals'
import { build, buildBoth } from './helper.ts'
import { Visitor } from './visitor.ts'

const COOKIE = /^visitor=[\w-]{36}; Max-Age=31536000; Path=\/; HttpOnly; SameSite=Lax$/
const SECURE_COOKIE = /^visitor=[\w-]{36}; Max-Age=31536000; Path=\/; HttpOnly; Secure; SameSite=Lax$/

describe('every answer', () => {
  const EXPECTED = {
    'content-security-policy': "default-src 'none';style-src 'self';img-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'x-dns-prefetch-control': 'off',
    'x-download-options': 'noopen',
    'x-frame-options': 'SAMEORIGIN',
    'x-permitted-cross-domain-policies': 'none',
    'x-xss-protection': '0'
  }

  test('carries these security headers, whatever became of the request', async () => {
    const { app } = await buildBoth()
    const visitor = new Visitor(app)
    const answers = [
      await visitor.get(), await visitor.get('/nothing'), await visitor.get('/?before=forged'), await visitor.get('/%zz'),
      await visitor.sign({ name: 'Ann', message: 'Hi' }), await visitor.sign({}), await visitor.sign({ name: 'a', message: 'b' }, { 'sec-fetch-site': 'cross-site' })
    ]
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 404, 400, 404, 303, 400, 403])
    for (const { headers } of answers) {
      expect(headers).toMatchObject(EXPECTED)
      expect(headers).not.toHaveProperty('strict-transport-security')
      expect(headers).not.toHaveProperty('x-powered-by')
    }
  })

  test('needs nothing inline to be shown', async () => {
    const { app } = await buildBoth()
    const visitor = new Visitor(app)
    for (const { body } of [await visitor.get(), await visitor.get('/nothing'), await visitor.sign({})]) {
      expect(body).toContain('<!doctype html>')
      expect(body).not.toMatch(/<script|<style|\sstyle=|\son\w+=|javascript:|https?:\/\//)
    }
  })
})

describe('the visitor cookie', () => {
  test('is made at the first visit, for this site alone and out of reach of scripts', async () => {
    const { app } = await buildBoth()
    expect((await new Visitor(app).get()).headers['set-cookie']).toMatch(COOKIE)
    expect((await new Visitor(app).get()).headers['set-cookie']).not.toBe((await new Visitor(app).get()).headers['set-cookie'])
  })

  test('stays the same at later visits', async () => {
    const { app } = await buildBoth()
    const visitor = new Visitor(app)
    await visitor.get()
    expect((await visitor.get()).headers['set-cookie']).toBeUndefined()
    expect((await visitor.sign({ name: 'Ann', message: 'Hi' })).headers['set-cookie']).toBeUndefined()
  })

  test('is replaced when it is none of ours', async () => {
    const { app } = await buildBoth()
    for (const cookie of ['visitor=', 'visitor=short', `visitor=${'x'.repeat(4000)}`, 'visitor=%00', 'visitor="quoted-quoted-quoted1"', 'other=1']) {
      expect((await new Visitor(app).get('/', { cookie })).headers['set-cookie']).toMatch(COOKIE)
    }
  })

  test('is Secure over https, as a trusted proxy tells', async () => {
    const { app } = await build({ TRUST_PROXY: 'loopback' })
    expect((await new Visitor(app).get('/', { 'x-forwarded-proto': 'https' })).headers['set-cookie']).toMatch(SECURE_COOKIE)
    expect((await new Visitor(app).get('/', { 'x-forwarded-proto': 'http' })).headers['set-cookie']).toMatch(COOKIE)
  })

  test('is not Secure because of a header anybody can send: a browser on plain HTTP would drop it', async () => {
    const headers = { 'x-forwarded-proto': 'https' }
    const { app } = await build()
    expect((await new Visitor(app, { headers }).get()).headers['set-cookie']).toMatch(COOKIE)
    const behindProxy = (await build({ TRUST_PROXY: '10.0.0.0/8' })).app
    expect((await new Visitor(behindProxy, { headers, remoteAddress: '203.0.113.9' }).get()).headers['set-cookie']).toMatch(COOKIE)
  })
})
