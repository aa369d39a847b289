import { expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { messagesOn, useBrowser } from './helper.ts'

const { open } = useBrowser()
const MESSAGES = Array.from({ length: 45 }, (_, number) => ({
  name: `Guest ${number}`,
  message: `Message ${number}`
}))
const NEWEST_FIRST = MESSAGES.toReversed()

test('links lead to the oldest message, and the back button returns', async () => {
  const { guestbook, page } = await open({ messages: MESSAGES })

  const seen = [await messagesOn(page)]
  while (await older(page).count() > 0) {
    await older(page).click()
    await page.getByRole('heading', { level: 1, name: 'Older messages' }).waitFor()
    seen.push(await messagesOn(page))
  }
  expect(seen).toEqual([
    NEWEST_FIRST.slice(0, 20),
    NEWEST_FIRST.slice(20, 40),
    NEWEST_FIRST.slice(40)
  ])

  await page.goBack()
  expect(await messagesOn(page)).toEqual(seen[1])
  await page.goBack()
  expect(await messagesOn(page)).toEqual(seen[0])
  await page.goForward()
  expect(await messagesOn(page)).toEqual(seen[1])
  await page
    .getByRole('navigation', { name: 'Pages' })
    .getByRole('link', { name: 'Newest messages' })
    .click()
  await page.waitForURL(guestbook.url)
  expect(await messagesOn(page)).toEqual(seen[0])
})

test('a new message does not shift the page of older messages', async () => {
  const { guestbook, page } = await open({ messages: MESSAGES })
  await guestbook.fill({ name: 'Late', message: 'Just arrived' })
  await older(page).click()
  await page.getByRole('heading', { level: 1, name: 'Older messages' }).waitFor()
  expect(await messagesOn(page)).toEqual(NEWEST_FIRST.slice(20, 40))
})

const older = (page: Page) => page.getByRole('link', { name: 'Older messages' })
