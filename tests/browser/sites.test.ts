import { expect, test } from '@jest/globals'
import { messagesOn, openGuestbook, openOtherSite, post, sign, useBrowser } from './helper.ts'

const HOST = 'guestbook.test'
const visit = useBrowser([
  `--host-resolver-rules=MAP ${HOST} 127.0.0.1, MAP elsewhere.test 127.0.0.1`
])
const ADA = { name: 'Ada', message: 'Without a certificate.' }

test('on a plain-HTTP host that is not localhost one reads and signs like everywhere', async () => {
  const guestbook = await openGuestbook()
  const page = await visit(`http://${HOST}:${guestbook.port}/`)
  expect(await page.evaluate(() => isSecureContext)).toBe(false)
  await post(page, ADA)
  expect(await messagesOn(page)).toEqual([ADA])
  expect(
    await page
      .locator('link[rel=stylesheet]')
      .evaluate((link: HTMLLinkElement) => link.sheet !== null)
  ).toBe(true)
  await page.goBack()
  await sign(page, ADA)
  expect(await guestbook.stored()).toEqual([ADA])
})

test.each([
  ['on plain HTTP, where the browser tells only the origin', HOST],
  ['on a trustworthy host, where the browser tells the site', 'localhost']
])('another site cannot make a visitor sign: %s', async (_kind, host) => {
  const guestbook = await openGuestbook()
  const target = `http://${host}:${guestbook.port}/`
  const other =
    await openOtherSite(`<!doctype html><title>Elsewhere</title><form method="post" action="${target}">
    <input name="name" value="Ada"><input name="message" value="I did not write this"><button>Win</button></form>`)
  const page = await visit(target)
  await page.goto(`http://elsewhere.test:${other.port}/`)
  const [response] = await Promise.all([
    page.waitForResponse(target),
    page.getByRole('button').click()
  ])
  expect(response.status()).toBe(403)
  expect(await page.locator('main').textContent()).toContain(
    'This form was sent from another site.'
  )
  expect(await guestbook.stored()).toEqual([])
})
