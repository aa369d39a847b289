import { expect, test } from '@jest/globals'
import type { Locator, Page } from 'playwright-core'
import { GUESTS } from './guests.ts'
import {
  draftOn, fillIn, fillInUnchecked, form, messagesOn, sign, submit, takeScreenshot,
  useBrowser, type Guestbook
} from './helper.ts'

const { open } = useBrowser()
const REFERENCE = /^[0-9a-f]{32}$/

test('invalid fields have errors below them, and keep their text', async () => {
  const { guestbook, page } = await open({
    messages: GUESTS, viewport: { width: 1280, height: 920 }
  })
  const draft = { name: '', message: 'We stayed a little longer than we had planned. '.repeat(30) }
  await fillInUnchecked(page, draft)
  expect(await submit(page)).toBe(400)

  expect(await draftOn(page)).toEqual(draft)
  expect(await form(page).alert.textContent()).toContain('Please check the fields marked below.')
  expect(await errorOf(form(page).name)).toEqual({
    isInvalid: true,
    description: ['The name must not be empty.'],
    isBelow: true
  })
  expect(await errorOf(form(page).message)).toEqual({
    isInvalid: true,
    description: [
      'The message must be at most 1000 characters long.',
      'Up to 1,000 characters and 50 lines.'
    ],
    isBelow: true
  })
  expect(await form(page).name.evaluate(input => input === document.activeElement)).toBe(true)
  await expectReference(page, guestbook)
  await takeScreenshot(page, 'errors')

  expect(await guestbook.stored()).toHaveLength(GUESTS.length)
  await sign(page, { name: 'Lena', message: 'Now it is short enough.' })
  expect(await messagesOn(page)).toHaveLength(GUESTS.length + 1)
})

test('only the invalid field is marked, and has the focus', async () => {
  const { page } = await open()
  await fillInUnchecked(page, { name: 'Lena', message: '\u200b' })
  expect(await submit(page)).toBe(400)
  const valid = { isInvalid: false, description: [], isBelow: true }
  expect(await errorOf(form(page).name)).toEqual(valid)
  expect(await errorOf(form(page).message)).toMatchObject({
    isInvalid: true,
    description: ['The message must not be empty.', 'Up to 1,000 characters and 50 lines.']
  })
  expect(await form(page).message.evaluate(field => field === document.activeElement)).toBe(true)
})

test.each([
  ['a short text', 'Three'],
  ['a text still being sent at the response', 'Three words and more. '.repeat(2500)]
])(
  'after a rate limit, the back button restores %s',
  async (_what, message) => {
    const { guestbook, page } = await open({ settings: { RATE_LIMIT_POSTS: '2' } })
    await sign(page, { name: 'Jonas', message: 'One' })
    await sign(page, { name: 'Jonas', message: 'Two' })
    await fillIn(page, { name: 'Jonas', message })
    expect(await submit(page)).toBe(429)
    expect(await titleOn(page)).toBe('A little slower, please')
    await expectReference(page, guestbook)

    await page.goBack()
    expect(await draftOn(page)).toEqual({ name: 'Jonas', message })
    expect(await messagesOn(page)).toEqual([
      { name: 'Jonas', message: 'Two' },
      { name: 'Jonas', message: 'One' }
    ])
  }
)

test('a filled honeypot is rejected with a reason and the draft', async () => {
  const { guestbook, page } = await open()
  await fillIn(page, { name: 'Robot', message: 'Buy now' })
  await page.locator('#website').fill('https://example.org', { force: true })
  expect(await submit(page)).toBe(400)
  expect(await form(page).alert.textContent()).toContain('A hidden field was filled in.')
  expect(await draftOn(page)).toEqual({ name: 'Robot', message: 'Buy now' })
  expect(await guestbook.stored()).toEqual([])
})

test.each([
  ['an unknown path', 'nothing/here', 404, 'There is nothing here'],
  [
    'an invalid cursor',
    '?before=made-up',
    400,
    'We could not read that'
  ]
])('%s is a page with a reference and a link home', async (_kind, path, status, title) => {
  const { guestbook, page } = await open()
  const response = await page.goto(guestbook.url + path)
  expect(response?.status()).toBe(status)
  expect(await titleOn(page)).toBe(title)
  await expectReference(page, guestbook)
  await page.getByRole('link', { name: 'To the guestbook' }).click()
  await page.waitForURL(guestbook.url)
  expect(await form(page).submit.isVisible()).toBe(true)
})

const titleOn = async (page: Page) =>
  await page.getByRole('heading', { level: 1 }).textContent()

/** The error of a field, for sighted visitors and for screen readers. */
async function errorOf (field: Locator) {
  return await field.evaluate(field => {
    const ids = field.getAttribute('aria-describedby')?.split(' ') ?? []
    const texts = ids.map(id => document.getElementById(id))
    return {
      isInvalid: field.getAttribute('aria-invalid') === 'true',
      description: texts.map(text => text?.textContent),
      // The distance depends on the font; there are only texts of the same field in between.
      isBelow: texts.every(
        text =>
          text!.getBoundingClientRect().top >= field.getBoundingClientRect().bottom &&
          text!.parentElement === field.parentElement
      )
    }
  })
}

/** The reference on the page is in the log. */
async function expectReference (page: Page, guestbook: Guestbook): Promise<void> {
  const reference = await page.getByText('Reference:').locator('code').textContent()
  expect(reference).toMatch(REFERENCE)
  expect(guestbook.lines().filter(({ trace_id: id }) => id === reference)).not.toEqual([])
}
