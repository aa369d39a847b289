import { METHODS } from 'node:http'
import { expect, test } from '@jest/globals'
import { A_REFERENCE, buildBoth } from './helper.ts'
import { formOn, referenceOn, titleOn } from './html.ts'

/** Posts an invalid body. Checks the error page, and that nothing is stored or logged as error. */
async function reject (body: string, headers: Record<string, string> = {}) {
  const { visitor, service, backend } = await buildBoth()
  const response = await visitor.post(body, headers)
  expect(response.headers['content-type']).toBe('text/html; charset=utf-8')
  expect(referenceOn(response.body)).toMatch(A_REFERENCE)
  expect(response.body).not.toMatch(/FST_|Error|at \w+ \(/)
  expect(await backend.stored()).toEqual([])
  const lines = [...service.lines, ...backend.service.lines]
  expect(lines.filter(({ level }) => level === 'error')).toEqual([])
  const text = /<h1>.*?<\/h1>\s*<p>(.*?)<\/p>/s.exec(response.body)?.[1]
  return [response.statusCode, text]
}

test.each([
  ['message', 'name=Ann&message=a&message=b'],
  ['name', 'name=Ann&name=&message=b'],
  ['name', 'name=Ann&n%61me=Ben&message=b']
])('a duplicate field is rejected: %s in %s', async (field, body) => {
  const text = `The field &quot;${field}&quot; was sent more than once.`
  expect(await reject(body)).toEqual([400, text])
})

test('an unknown field is rejected, and the page does not repeat its name', async () => {
  const text = 'The form has an unknown field. The guestbook accepts name and message.'
  const long = 'x'.repeat(5000)
  for (const field of ['admin', '__proto__', 'name[]', long, '<script>', '%E2%80%AE', '']) {
    expect([field, await reject(`name=Ann&message=a&${field}=1`)]).toEqual([field, [400, text]])
  }
})

test('malformed percent-encoding is rejected, not repaired', async () => {
  for (const broken of [
    'name=%zz&message=a',
    'name=Ann&message=%',
    'name=Ann&message=%E4',
    'name=%C3%28&message=a',
    'name=%ED%A0%80&message=half+of+a+pair'
  ]) {
    expect(await reject(broken)).toEqual([400, 'The form is not correctly encoded.'])
  }
})

test('a form that is not UTF-8 is rejected, and the page does not repeat it', async () => {
  const { visitor, backend } = await buildBoth()
  for (const bytes of [
    Buffer.from('Secret Ren\xe9', 'latin1'),
    Buffer.from('Secret', 'utf16le'),
    Buffer.from([0xed, 0xa0, 0x80]),
    Buffer.from([0xc0, 0xaf]),
    Buffer.from([0xf5, 0x80, 0x80, 0x80]),
    Buffer.from('é').subarray(0, 1)
  ]) {
    for (const body of [
      [Buffer.from('name=Ann&message='), bytes],
      [Buffer.from('name=Ann&'), bytes, Buffer.from('=1&message=Hello')]
    ]) {
      if (body[1]?.includes(0)) body[1] = Buffer.concat([Buffer.from([0xff, 0xfe]), body[1]])
      const response = await visitor.post(Buffer.concat(body))
      expect(response.statusCode).toBe(400)
      expect(response.body).toContain('The form is not encoded in UTF-8.')
      expect(response.body).not.toMatch(/Secret|Ren|\ufffd/)
    }
  }
  expect(await backend.stored()).toEqual([])
})

test('another character set is not supported', async () => {
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=iso-8859-1' }
  const text = 'Only UTF-8 bodies are supported.'
  expect(await reject('name=Ann&message=Hello', headers)).toEqual([415, text])
})

test('compression is not supported', async () => {
  const text = 'Compressed bodies are not supported. Send the body without Content-Encoding.'
  const headers = { 'content-encoding': 'gzip' }
  expect(await reject('name=Ann&message=Hello', headers)).toEqual([415, text])
})

test('other media types are rejected', async () => {
  const text = 'The guestbook accepts only what its own form sends ' +
    '(application/x-www-form-urlencoded).'
  for (const type of [
    'application/json',
    'text/plain',
    'multipart/form-data; boundary=x',
    'application/xml',
    'nonsense',
    'application/x-www-form-urlencodedX'
  ]) {
    const outcome = await reject('{"name":"Ann","message":"Hello"}', { 'content-type': type })
    expect([type, outcome]).toEqual([type, [415, text]])
  }
})

test('a form may name its character set', async () => {
  const { visitor, backend } = await buildBoth()
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' }
  const { statusCode } = await visitor.post('name=%C3%84nn&message=Gr%C3%BC%C3%9Fe', headers)
  expect(statusCode).toBe(303)
  expect(await backend.stored()).toEqual([{ name: 'Änn', message: 'Grüße' }])
})

test('a body of 1 MiB is rejected before it is read, with and without Content-Length', async () => {
  const body = `name=Ann&message=${'x'.repeat(1024 * 1024)}`
  const text = 'What you sent is far too long for a guestbook. Please go back and shorten it.'
  expect(await reject(body)).toEqual([413, text])
  expect(await reject(body, { 'transfer-encoding': 'chunked' })).toEqual([413, text])
})

test('a message many times too long is rejected with its reason and the draft', async () => {
  const { visitor } = await buildBoth()
  const message = 'ü'.repeat(10_000)
  const { statusCode, body } = await visitor.sign({ name: 'Ann', message })
  expect(statusCode).toBe(400)
  expect(formOn(body)?.message === message).toBe(true)
  expect(formOn(body)?.errors.message).toBe('The message must be at most 1000 characters long.')
})

test('other methods get a 405 that names the allowed ones', async () => {
  const { app } = await buildBoth()
  const css = /href="(\/assets\/[^"]+\.css)"/.exec((await app.inject('/')).body)?.[1] ?? ''
  for (const [url, allow] of [
    ['/', 'GET, HEAD, POST'],
    [css, 'GET, HEAD'],
    ['/health', 'GET, HEAD'],
    ['/ready', 'GET, HEAD']
  ] as const) {
    const others = METHODS.filter(method => !['CONNECT', ...allow.split(', ')].includes(method))
    for (const method of others) {
      const { statusCode, headers, body } = await app.inject({ method: method as 'GET', url })
      expect([method, url, statusCode, headers.allow]).toEqual([method, url, 405, allow])
      expect(body).toContain(`${method} is not supported here; use ${allow}.`)
      expect(titleOn(body)).toBe('That did not work')
    }
  }
  expect((await app.inject({ method: 'PUT', url: '/nothing' })).statusCode).toBe(404)
})

test('a post without a body is a form without fields, whatever its media type', async () => {
  const { visitor, backend } = await buildBoth()
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const kinds: Array<Record<string, string>> = [
    {},
    form,
    { 'content-type': 'application/json' },
    { 'content-type': 'text/plain' },
    { 'content-type': 'nonsense' },
    { ...form, 'transfer-encoding': 'chunked' }
  ]
  const errors = { name: 'The name must not be empty.', message: 'The message must not be empty.' }
  for (const headers of kinds) {
    const { statusCode, body } = await visitor.send({ method: 'POST', url: '/' }, headers)
    expect([headers, statusCode, formOn(body)?.errors]).toEqual([headers, 400, errors])
  }
  expect(await backend.stored()).toEqual([])
})
