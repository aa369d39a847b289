import { expect, test } from '@jest/globals'
import { requireBearer } from '../src/index.ts'
import { build } from './helper.ts'

const TOKEN = 'correct horse battery staple'

async function ask (token: string | undefined, authorization?: string) {
  const { app, service } = await build({
    routes: app =>
      app.get('/guarded', { preHandler: requireBearer(token, 'SOME_TOKEN') }, async () => 'inside')
  })
  const response = await app.inject({
    url: '/guarded',
    headers: authorization === undefined ? {} : { authorization }
  })
  return {
    status: response.statusCode,
    detail: response.statusCode === 200 ? response.body : response.json().detail,
    challenge: response.headers['www-authenticate'],
    lines: service.lines
  }
}

test('the right token is accepted, with the scheme in any case', async () => {
  expect(await ask(TOKEN, `Bearer ${TOKEN}`)).toMatchObject({ status: 200, detail: 'inside' })
  expect(await ask(TOKEN, `bearer ${TOKEN}`)).toMatchObject({ status: 200, detail: 'inside' })
})

test('a wrong token of any length is rejected and logged for audit without its value', async () => {
  const audit = { level: 'warn', audit: true, client: '127.0.0.1', route: '/guarded' }
  const line = expect.objectContaining({ ...audit, msg: 'bearer token rejected' })
  for (const wrong of [
    'x', TOKEN.slice(0, -1), `${TOKEN}x`, TOKEN.toUpperCase(), 'x'.repeat(5000)
  ]) {
    const { status, detail, lines } = await ask(TOKEN, `Bearer ${wrong}`)
    expect([status, detail]).toEqual([401, 'The bearer token is wrong.'])
    expect(lines).toContainEqual(line)
    expect(JSON.stringify(lines)).not.toContain(`Bearer ${wrong}`)
  }
})

test('a missing or malformed token is rejected with the expected format', async () => {
  const rejected = [401, 'Send the token as "Authorization: Bearer <token>".', 'Bearer']
  for (const header of [
    undefined, '', 'Bearer', 'Bearer ', TOKEN, `Basic ${TOKEN}`, `Token ${TOKEN}`
  ]) {
    const { status, detail, challenge } = await ask(TOKEN, header)
    expect([header, status, detail, challenge]).toEqual([header, ...rejected])
  }
})

test('without a configured token every token is rejected, even an empty one', async () => {
  for (const header of [undefined, 'Bearer ', 'Bearer undefined', `Bearer ${TOKEN}`]) {
    expect(await ask(undefined, header)).toMatchObject({
      status: 403,
      detail: 'This is disabled: SOME_TOKEN is not set.'
    })
  }
})
