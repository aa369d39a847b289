import { expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import {
  draftOn, fillIn, form, MESSAGE_PAGE, messagesOn, openGuestbook, passTime, post, sign, submit,
  useBrowser, type Guestbook
} from './helper.ts'

const { visit, open } = useBrowser()
const WRONG = { name: 'Ada', message: 'far too long '.repeat(100) }
const TEXT = { name: 'Ada', message: 'Short enough.' }

interface Rejection {
  kind: string
  status: number
  draft?: typeof WRONG
  /** Makes the next post fail. */
  prepare?: (page: Page, guestbook: Guestbook) => Promise<void>
  /** Lets the corrected post succeed. */
  recover?: (guestbook: Guestbook) => Promise<void>
}

const REJECTIONS: Rejection[] = [
  { kind: 'a text that is too long', status: 400, draft: WRONG },
  {
    kind: 'a filled honeypot',
    status: 400,
    prepare: async page => {
      await page.locator('#website').fill('https://example.org', { force: true })
    }
  },
  {
    kind: 'a backend that is down',
    status: 503,
    prepare: async (_page, guestbook) => { await guestbook.stopBackend() },
    recover: async guestbook => { await guestbook.restartBackend() }
  },
  {
    kind: 'a repeated message',
    status: 409,
    prepare: async (page, guestbook) => {
      await post(page, { name: 'Ada', message: 'Again' })
      await page.goto(guestbook.url)
      await fillIn(page, { name: 'Ada', message: 'Again' })
      passTime(60 * 60 * 1000)
    }
  }
]

test.each(REJECTIONS)(
  'after a $status for $kind, the back button shows the error page with the corrected draft',
  async ({ status, draft = TEXT, prepare, recover }) => {
    const { guestbook, page } = await open()
    await fillIn(page, draft)
    await prepare?.(page, guestbook)
    expect(await submit(page)).toBe(status)
    const alert = await form(page).alert.textContent()
    await recover?.(guestbook)

    const corrected = { name: 'Ada', message: 'Corrected.' }
    await post(page, corrected)
    const response = await page.goBack()
    expect([response?.status(), page.url()]).toEqual([status, guestbook.url])
    expect(await form(page).alert.textContent()).toBe(alert)
    expect(await draftOn(page)).toEqual(corrected)
    await page.goForward()
    expect(await messagesOn(page)).toEqual([corrected])
    await page.goBack()
    await page.goBack()
    expect(await form(page).alert.count()).toBe(0)
  }
)

test('after a rate limit, the back button restores the draft', async () => {
  const { page } = await open({ settings: { RATE_LIMIT_POSTS: '1' } })
  await sign(page, { name: 'Ada', message: 'First' })
  await fillIn(page, TEXT)
  expect(await submit(page)).toBe(429)
  await page.goBack()
  expect(await draftOn(page)).toEqual(TEXT)
  passTime(61_000)
  await form(page).submit.click()
  await page.waitForURL(MESSAGE_PAGE)
  await page.goBack()
  expect(await draftOn(page)).toEqual(TEXT)
})

test('after a visit during an outage, the back button restores the draft', async () => {
  const guestbook = await openGuestbook()
  await guestbook.stopBackend()
  const page = await visit(guestbook.url)
  await fillIn(page, TEXT)
  await guestbook.restartBackend()
  await form(page).submit.click()
  await page.waitForURL(MESSAGE_PAGE)
  await page.goBack()
  expect(await draftOn(page)).toEqual(TEXT)
})
