import { expect, test } from '@jest/globals'
import { GUESTS } from './guests.ts'
import { until } from '../../system-tests/lib/until.ts'
import {
  draftOn, fillIn, form, MESSAGE_PAGE, messagesOn, openGuestbook, submit, takeScreenshot, useBrowser
} from './helper.ts'

const { visit, open } = useBrowser()
const SHOWN_AS_OF = /^Shown as of \d{1,2} \w{3,4} \d{4}, \d\d:\d\d UTC\./
const DRAFT = { name: 'Ada', message: 'Just a minute ago the sun came out over the lake.' }

test('during an outage, visitors read stale messages and keep their draft', async () => {
  const { guestbook, page } = await open({
    messages: GUESTS, viewport: { width: 1280, height: 800 }
  })
  await fillIn(page, DRAFT)
  await guestbook.stopBackend()

  expect(await submit(page)).toBe(503)
  expect(await form(page).alert.textContent()).toContain(
    'Nothing is lost: please try again in a moment.'
  )
  expect(await page.getByText(SHOWN_AS_OF).isVisible()).toBe(true)
  expect(await messagesOn(page)).toEqual(GUESTS.toReversed())
  expect(await draftOn(page)).toEqual(DRAFT)
  const reference = await page.getByText('Reference:').locator('code').textContent()
  expect(
    guestbook.lines().filter(({ trace_id: id, level }) => id === reference && level === 'error')
  ).not.toEqual([])
  await takeScreenshot(page, 'degraded')

  await guestbook.restartBackend()
  await form(page).submit.click()
  await page.waitForURL(MESSAGE_PAGE)
  expect(await messagesOn(page)).toEqual([DRAFT])
  expect(await page.getByText('Shown as of').count()).toBe(0)
  expect(await guestbook.stored()).toEqual([DRAFT, ...GUESTS.toReversed()])
})

test('a new visitor during an outage reads stale messages with their time', async () => {
  const { guestbook } = await open({ messages: GUESTS })
  await guestbook.stopBackend()
  const page = await visit(guestbook.url)
  expect(await form(page).alert.textContent()).toContain(
    'The guestbook cannot be reached just now.'
  )
  expect(await page.getByText(SHOWN_AS_OF).isVisible()).toBe(true)
  expect(await messagesOn(page)).toEqual(GUESTS.toReversed())
  expect(await page.title()).toBe('The guestbook cannot be reached just now. · Guestbook')

  await guestbook.restartBackend()
  await until('the page has no alert', async () => {
    await page.reload()
    return (await form(page).alert.count()) === 0
  })
  expect(await page.title()).toBe('Guestbook')
})

test('without a copy, the page does not claim that the guestbook is empty', async () => {
  const guestbook = await openGuestbook()
  await guestbook.stopBackend()
  const page = await visit(guestbook.url)
  expect(await page.getByText('No messages can be shown just now.').isVisible()).toBe(true)
  expect(await page.getByText('Nobody has written yet').count()).toBe(0)
  expect(await page.getByText('Shown as of').count()).toBe(0)
})
