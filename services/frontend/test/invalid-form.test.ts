import { expect, test } from '@jest/globals'
import { A_REFERENCE, buildBoth } from './helper.ts'
import { formOn, messagesOn, referenceOn } from './html.ts'

async function open () {
  const { visitor, backend } = await buildBoth()
  await backend.store.create(EARLIER)
  return { visitor, stored: backend.stored }
}

const EARLIER = { name: 'Zoe', message: 'Already here' }
const KEPT = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'private, no-cache' }
const FINE = { name: 'Ann', message: 'Hello' }
const EMPTY = { name: 'The name must not be empty.', message: 'The message must not be empty.' }
const TOO_LONG = {
  name: 'The name must be at most 80 characters long.',
  message: 'The message must be at most 1000 characters long.'
}
const TOO_MANY = {
  lines: { message: 'The message must be at most 50 lines long.' },
  marks: { name: 'The name must have at most 30 combining marks in a row.' }
}

test('errors are shown at their fields, with the draft and the messages', async () => {
  const { visitor, stored } = await open()
  const longMarks = `a${'\u0345'.repeat(3000)}${'\u0301'.repeat(3000)}`
  const longMarkup = '</textarea><script>' + 'y'.repeat(1000)
  const cases: Array<[{ name: string; message: string }, { name?: string; message?: string }]> = [
    [{ name: '', message: '' }, EMPTY],
    [{ name: 'Ann', message: '' }, { message: EMPTY.message }],
    [{ name: '', message: 'Hello' }, { name: EMPTY.name }],
    [{ name: ' \t', message: '\n\n' }, EMPTY],
    [{ name: '\u200B\u3164', message: '\u2800' }, EMPTY],
    [{ name: 'x'.repeat(81), message: 'y'.repeat(1001) }, TOO_LONG],
    [{ name: 'Ann', message: 'x\n'.repeat(51) }, TOO_MANY.lines],
    [{ name: `Z${'\u0334'.repeat(31)}`, message: 'Hello' }, TOO_MANY.marks],
    [{ name: 'Ann', message: longMarks }, { message: TOO_LONG.message }],
    [{ name: '👋'.repeat(81), message: 'Hello' }, { name: TOO_LONG.name }],
    [{ name: '"><script>', message: longMarkup }, { message: TOO_LONG.message }]
  ]
  for (const [draft, errors] of cases) {
    const { statusCode, headers, body } = await visitor.sign(draft)
    expect(statusCode).toBe(400)
    expect(headers).toMatchObject(KEPT)
    expect(formOn(body)).toEqual({
      ...draft,
      errors: { name: undefined, message: undefined, ...errors },
      alert: 'Please check the fields marked below.'
    })
    expect(messagesOn(body)).toMatchObject([EARLIER])
    expect(referenceOn(body)).toMatch(A_REFERENCE)
    expect(body).not.toContain('<script')
  }
  expect(await stored()).toEqual([EARLIER])
})

test('an invalid field references its error for screen readers', async () => {
  const { visitor } = await open()
  const { body } = await visitor.sign({ name: '', message: '' })
  for (const field of ['name', 'message']) {
    const [tag = ''] = new RegExp(`<(?:input|textarea) id="${field}"[^>]*>`).exec(body) ?? []
    expect(tag).toContain('aria-invalid="true"')
    expect(/aria-describedby="([^"]*)"/.exec(tag)?.[1]?.split(' ')).toContain(`${field}-error`)
  }
})

test('missing fields are empty', async () => {
  const { visitor, stored } = await open()
  for (const body of ['', '&', 'website=']) {
    expect(formOn((await visitor.post(body)).body)?.errors).toEqual(EMPTY)
  }
  const { body } = await visitor.post('name=Ann')
  expect(formOn(body)?.errors).toEqual({ name: undefined, message: EMPTY.message })
  expect(await stored()).toEqual([EARLIER])
})

test('a draft that begins with line breaks keeps them', async () => {
  const { visitor } = await open()
  const draft = { name: '', message: '\n\n  indented\nlines' }
  expect(formOn((await visitor.sign(draft)).body)).toMatchObject(draft)
})

test('the corrected form is accepted', async () => {
  const { visitor, stored } = await open()
  expect((await visitor.sign({ ...FINE, name: '' })).statusCode).toBe(400)
  expect((await visitor.sign(FINE)).statusCode).toBe(303)
  expect(await stored()).toEqual([FINE, EARLIER])
})

test("a text beyond the backend's body limit is rejected with its draft", async () => {
  const { visitor, stored } = await open()
  const message = '"'.repeat(40_000) // a quote takes one byte in the form and two in JSON
  const { statusCode, body } = await visitor.post(`name=Ann&message=${message}`)
  expect(statusCode).toBe(413)
  expect(formOn(body)).toMatchObject({
    name: 'Ann',
    alert: 'What you sent is far too long for a guestbook. Please go back and shorten it.'
  })
  expect(formOn(body)?.message === message).toBe(true)
  expect(await stored()).toEqual([EARLIER])
})

test('a filled honeypot is rejected, with the draft for the case of a person', async () => {
  const { visitor, stored } = await open()
  const { statusCode, body } = await visitor.sign({ ...FINE, website: 'https://spam.example' })
  expect(statusCode).toBe(400)
  expect(formOn(body)).toEqual({
    ...FINE,
    errors: { name: undefined, message: undefined },
    alert: expect.stringContaining('A hidden field was filled in.')
  })
  expect(body).not.toContain('spam.example')
  expect(await stored()).toEqual([EARLIER])
})
