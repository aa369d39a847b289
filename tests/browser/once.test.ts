import { expect, test } from '@jest/globals'
import { until } from '../../system-tests/lib/until.ts'
import {
  draftOn, fillIn, form, MESSAGE_PAGE, messagesOn, openGuestbook, post, sign, submit, useBrowser
} from './helper.ts'

const { visit, open } = useBrowser()
const ADA = { name: 'Ada', message: 'Once is enough.' }

test('a second click before the response makes one message', async () => {
  const { guestbook, page } = await open()
  await fillIn(page, ADA)
  guestbook.frontend.faults.set({ latencyMs: 300, expiresInSeconds: 60 })
  const { x, y } = await form(page).submit.boundingBox() as { x: number, y: number }
  const arrival = guestbook.nextRequest()
  await page.mouse.click(x + 5, y + 5)
  await arrival
  await page.mouse.click(x + 5, y + 5)
  // waitForURL may fail, since the second click aborts the navigation of the first.
  await until('the page shows the message', () => MESSAGE_PAGE.test(page.url()))
  expect(guestbook.frontend.lines.filter(({ method }) => method === 'POST')).toHaveLength(2)
  expect(await guestbook.stored()).toEqual([ADA])
})

test('a fast double click makes one message', async () => {
  const { guestbook, page } = await open()
  await fillIn(page, ADA)
  await form(page).submit.dblclick()
  await page.waitForURL(MESSAGE_PAGE)
  expect(await guestbook.stored()).toEqual([ADA])
})

test('a draft restored by the back button and sent again leads to the same message', async () => {
  const { guestbook, page } = await open()
  await post(page, ADA)
  const first = page.url()
  await page.goBack()
  expect(await draftOn(page)).toEqual(ADA)
  await form(page).submit.click()
  await page.waitForURL(first)
  expect(await guestbook.stored()).toEqual([ADA])
})

test('a draft restored by the back button and edited is a new message', async () => {
  const { guestbook, page } = await open()
  await post(page, ADA)
  const first = page.url()
  await page.goBack()
  await form(page).message.fill('Twice is better.')
  await form(page).submit.click()
  await page.waitForURL(url => MESSAGE_PAGE.test(url.href) && url.href !== first)
  expect(await guestbook.stored()).toEqual([{ ...ADA, message: 'Twice is better.' }, ADA])
})

test('a reload after a post shows the message and posts nothing', async () => {
  const { guestbook, page } = await open()
  await post(page, ADA)
  await page.reload()
  expect(await messagesOn(page)).toEqual([ADA])
  expect(await guestbook.stored()).toEqual([ADA])
})

test('a reload of the error page posts the message once', async () => {
  const { guestbook, page } = await open()
  await guestbook.stopBackend()
  await fillIn(page, ADA)
  expect(await submit(page)).toBe(503)
  await guestbook.restartBackend()
  await page.reload()
  await page.waitForURL(MESSAGE_PAGE)
  expect(await guestbook.stored()).toEqual([ADA])
})

test('the same text of two visitors is two messages', async () => {
  const guestbook = await openGuestbook()
  await sign(await visit(guestbook.url), ADA)
  await sign(await visit(guestbook.url), ADA)
  expect(await guestbook.stored()).toEqual([ADA, ADA])
})
