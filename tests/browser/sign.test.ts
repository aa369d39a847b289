import { expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { form, MESSAGE_PAGE, messagesOn, openGuestbook, sign, useBrowser } from './helper.ts'

const { visit, open } = useBrowser()
const ADA = {
  name: 'Ada',
  message: 'The bookshelf in the hallway has the best bad novels.\nI took one home.'
}

test('a visitor posts with the keyboard and finds the message highlighted', async () => {
  const earlier = { name: 'Jonas', message: 'I was here before.' }
  const { guestbook, page } = await open({ messages: [earlier] })

  expect(await tab(page)).toEqual({ name: 'Guestbook', hasOutline: true })
  expect(await tab(page)).toEqual({ name: 'Your name', hasOutline: true })
  await page.keyboard.type(ADA.name)
  expect(await tab(page)).toEqual({ name: 'Your message', hasOutline: true })
  await page.keyboard.type(ADA.message)
  expect(await tab(page)).toEqual({ name: 'Sign the guestbook', hasOutline: true })
  await page.keyboard.press('Enter')
  await page.waitForURL(MESSAGE_PAGE)
  expect(await messagesOn(page)).toEqual([ADA])
  expect(await page.title()).toBe('Ada · Guestbook')
  for (const name of ['Guestbook', /UTC$/, 'To the guestbook']) {
    expect(await tab(page)).toEqual({
      name: name instanceof RegExp ? expect.stringMatching(name) : name,
      hasOutline: true
    })
  }
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/#m-/)

  const target = page.locator(':target')
  expect(await target.getByRole('heading').textContent()).toBe(ADA.name)
  expect(await target.locator('.text').textContent()).toBe(ADA.message)
  expect(await isInView(page)).toBe(true)
  const [highlighted, other] = await backgrounds(page)
  expect(highlighted).not.toBe(other)
  expect(await guestbook.stored()).toEqual([ADA, earlier])
  expect(await form(page).message.inputValue()).toBe('')
})

test('the browser reports missing fields before it sends the form', async () => {
  const { page } = await open()
  await form(page).message.fill('No name')
  const posts = collectPosts(page)
  await form(page).submit.click()
  const [isMissing, hasFocus] = await form(page).name.evaluate((input: HTMLInputElement) =>
    [input.validity.valueMissing, input === document.activeElement])
  expect([isMissing, hasFocus]).toEqual([true, true])
  expect(posts).toEqual([])
})

test('everything works without JavaScript', async () => {
  const { guestbook, page } = await open({ javaScriptEnabled: false })
  await sign(page, ADA)
  expect(await page.locator(':target').getByRole('heading').textContent()).toBe(ADA.name)
  expect(await guestbook.stored()).toEqual([ADA])
})

test('messages are listed newest first, with their time', async () => {
  const guestbook = await openGuestbook()
  const before = Date.now()
  await sign(await visit(guestbook.url), { name: 'First', message: 'one' })
  await sign(await visit(guestbook.url), { name: 'Second', message: 'two' })

  const page = await visit(guestbook.url)
  expect(await messagesOn(page)).toEqual([
    { name: 'Second', message: 'two' },
    { name: 'First', message: 'one' }
  ])
  const times = await page
    .locator('time')
    .evaluateAll(times => times.map(time => Date.parse(time.getAttribute('datetime') ?? '')))
  expect(times).toHaveLength(2)
  for (const time of times) {
    expect(time).toBeGreaterThanOrEqual(before)
    expect(time).toBeLessThanOrEqual(Date.now())
  }
})

test('the time of a message is a permanent link to it', async () => {
  const [first, second] = [{ name: 'First', message: 'one' }, { name: 'Second', message: 'two' }]
  const { guestbook, page } = await open({ messages: [first, second] })
  await page.getByRole('article').filter({ hasText: 'First' }).getByRole('link').click()
  await page.waitForURL(MESSAGE_PAGE)
  await guestbook.fill(
    ...Array.from({ length: 21 }, (_, number) => ({ name: 'Later', message: `${number}` }))
  )
  const later = await visit(page.url())
  expect(await messagesOn(later)).toEqual([first])
  await later.getByRole('link', { name: 'To the guestbook' }).click()
  await later.waitForURL(/\/#m-/)
  expect(await messagesOn(later)).toHaveLength(20)
})

function collectPosts (page: Page): string[] {
  const posts: string[] = []
  page.on('request', request => { if (request.method() === 'POST') posts.push(request.url()) })
  return posts
}

/** Presses the Tab key. Returns the focused element and whether it has an outline. */
async function tab (page: Page) {
  await page.keyboard.press('Tab')
  return await page.evaluate(() => {
    const focused = document.activeElement as HTMLElement &
      Partial<Pick<HTMLInputElement, 'labels'>>
    return {
      name: focused.labels?.[0]?.textContent ?? focused.textContent?.trim(),
      hasOutline:
        getComputedStyle(focused).outlineStyle === 'solid' &&
        parseFloat(getComputedStyle(focused).outlineWidth) >= 2
    }
  })
}

async function isInView (page: Page): Promise<boolean> {
  return await page.locator(':target').evaluate(target => {
    const { top, bottom } = target.getBoundingClientRect()
    return top >= 0 && bottom <= innerHeight
  })
}

const backgrounds = async (page: Page): Promise<string[]> =>
  await page.getByRole('article').evaluateAll(articles =>
    articles.map(article => getComputedStyle(article).backgroundColor))
