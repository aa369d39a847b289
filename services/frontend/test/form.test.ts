import { expect, test } from '@jest/globals'
import { buildBoth } from './helper.ts'
import { formOn, referenceOn, titleOn } from './html.ts'
import { Visitor } from './visitor.ts'

async function open () {
  const { app, backend, service } = await buildBoth()
  return { visitor: new Visitor(app), stored: backend.stored, service, backend }
}

/** Sends a body that is no form of ours: the answer is a page in words with a reference, nothing is stored, nothing failed. */
async function refusal (body: string, headers: Record<string, string> = {}) {
  const { visitor, stored, service, backend } = await open()
  const response = await visitor.post(body, headers)
  expect(response.headers['content-type']).toBe('text/html; charset=utf-8')
  expect(referenceOn(response.body)).toMatch(/^[0-9a-f]{32}$/)
  expect(response.body).not.toMatch(/FST_|Error|at \w+ \(/)
  expect(await stored()).toEqual([])
  expect([...service.lines, ...backend.service.lines].filter(({ level }) => level === 'error')).toEqual([])
  const said = /<h1>.*?<\/h1>\s*<p>(.*?)<\/p>/s.exec(response.body)?.[1]
  return [response.statusCode, said]
}

test('a field sent twice is refused, because one of the two would be lost', async () => {
  expect(await refusal('name=Ann&message=a&message=b')).toEqual([400, 'The field &quot;message&quot; was sent more than once.'])
  expect(await refusal('name=Ann&name=&message=b')).toEqual([400, 'The field &quot;name&quot; was sent more than once.'])
  expect(await refusal('name=Ann&n%61me=Ben&message=b')).toEqual([400, 'The field &quot;name&quot; was sent more than once.'])
})

test('an unknown field is refused and named, shortened and escaped', async () => {
  expect(await refusal('name=Ann&message=a&admin=1')).toEqual([400, 'The form has no field &quot;admin&quot;.'])
  expect(await refusal('__proto__=1&name=a&message=b')).toEqual([400, 'The form has no field &quot;__proto__&quot;.'])
  expect(await refusal('name[]=a&message=b')).toEqual([400, 'The form has no field &quot;name[]&quot;.'])
  expect(await refusal(`${'x'.repeat(5000)}=1`)).toEqual([400, `The form has no field &quot;${'x'.repeat(40)}&quot;.`])
  expect(await refusal('<script>=1')).toEqual([400, 'The form has no field &quot;&lt;script&gt;&quot;.'])
})

test('broken encoding is refused instead of repaired', async () => {
  for (const broken of ['name=%zz&message=a', 'name=Ann&message=%', 'name=Ann&message=%E4', 'name=%C3%28&message=a', 'name=%ED%A0%80&message=half+of+a+pair']) {
    expect(await refusal(broken)).toEqual([400, 'The form is not correctly encoded.'])
  }
})

test('what is no form is refused as such', async () => {
  const said = 'The guestbook reads what its own form sends (application/x-www-form-urlencoded).'
  for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x', 'application/xml', 'nonsense', 'application/x-www-form-urlencodedX']) {
    expect([type, await refusal('{"name":"Ann","message":"Hello"}', { 'content-type': type })]).toEqual([type, [415, said]])
  }
})

test('a form names its character set or not', async () => {
  const { visitor, stored } = await open()
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' }
  expect((await visitor.post('name=%C3%84nn&message=Gr%C3%BC%C3%9Fe', headers)).statusCode).toBe(303)
  expect(await stored()).toEqual([{ name: 'Änn', message: 'Grüße' }])
})

test('a body of 1 MiB is refused before it is read, also when its length is not announced', async () => {
  const body = `name=Ann&message=${'x'.repeat(1024 * 1024)}`
  const said = 'What was sent is far too long for a guestbook. Go back to shorten it.'
  expect(await refusal(body)).toEqual([413, said])
  expect(await refusal(body, { 'transfer-encoding': 'chunked' })).toEqual([413, said])
})

test('a message many times too long is still refused with its reason and the draft', async () => {
  const { visitor } = await open()
  const message = 'ü'.repeat(10_000)
  const { statusCode, body } = await visitor.sign({ name: 'Ann', message })
  expect([statusCode, formOn(body)?.message === message, formOn(body)?.errors.message]).toEqual([400, true, 'The message must be at most 1000 characters long.'])
})

test('other methods lead to a page that says where the guestbook is', async () => {
  const { app } = await buildBoth()
  for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const) {
    const { statusCode, body } = await app.inject({ method, url: '/' })
    expect([method, statusCode, titleOn(body)]).toEqual([method, 404, 'There is nothing here'])
  }
})
