import { expect, test } from '@jest/globals'
import { messagesOn, openGuestbook, openOtherSite, post, sign, useBrowser } from './helper.ts'

const HOST = 'guestbook.test'
const { visit } = useBrowser([
  `--host-resolver-rules=MAP ${HOST} 127.0.0.1, MAP elsewhere.test 127.0.0.1`
])
const ADA = { name: 'Ada', message: 'Without a certificate.' }

test('the guestbook works on plain HTTP', async () => {
  const guestbook = await openGuestbook()
  const page = await visit(`http://${HOST}:${guestbook.port}/`)
  expect(await page.evaluate(() => isSecureContext)).toBe(false)
  await post(page, ADA)
  expect(await messagesOn(page)).toEqual([ADA])
  const stylesheet = page.locator('link[rel=stylesheet]')
  expect(await stylesheet.evaluate((link: HTMLLinkElement) => link.sheet !== null)).toBe(true)
  await page.goBack()
  await sign(page, ADA)
  expect(await guestbook.stored()).toEqual([ADA])
})

test.each([
  ['on plain HTTP, where browsers send only Origin', HOST],
  ['on a secure host, where browsers send Sec-Fetch-Site', 'localhost']
])('another site cannot post for a visitor: %s', async (_kind, host) => {
  const guestbook = await openGuestbook()
  const target = `http://${host}:${guestbook.port}/`
  const other = await openOtherSite(
    `<!doctype html><title>Elsewhere</title><form method="post" action="${target}">
    <input name="name" value="Ada"><input name="message" value="I did not write this">
    <button>Win</button></form>`
  )
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
