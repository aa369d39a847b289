import { expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { ADA, GUESTS } from './guests.ts'
import { form, openGuestbook, picture, sign, useBrowser } from './helper.ts'

const visit = useBrowser()

test.each(['light', 'dark'] as const)('on a wide screen one signs on the left page and reads on the right (%s)', async colorScheme => {
  const guestbook = await openGuestbook()
  await guestbook.fill(...GUESTS)
  const page = await visit(guestbook.url, { colorScheme, viewport: { width: 1280, height: 800 } })
  await sign(page, ADA)
  expect((await edges(page, 'form')).right).toBeLessThan((await edges(page, '.messages')).left)
  await picture(page, `guestbook-${colorScheme}`)
})

test('on a phone one reads below the form', async () => {
  const guestbook = await openGuestbook()
  await guestbook.fill(...GUESTS)
  const page = await visit(guestbook.url, { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true })
  expect((await edges(page, 'form')).bottom).toBeLessThan((await edges(page, '.messages')).top)
  expect((await edges(page, 'button')).bottom).toBeLessThan(844)
  await picture(page, 'phone')
})

test('nothing is cut off or has to be scrolled to the side, from 320 pixels to wide', async () => {
  const guestbook = await openGuestbook()
  await guestbook.fill(...GUESTS)
  const page = await visit(guestbook.url)
  for (const width of [320, 390, 768, 959, 960, 1280, 2560]) {
    await page.setViewportSize({ width, height: 800 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
    for (const part of ['.brand', 'h1', 'form', '.messages']) {
      const { left, right } = await edges(page, part)
      expect(left).toBeGreaterThanOrEqual(0)
      expect(right).toBeLessThanOrEqual(width)
    }
  }
})

test('the form stays in sight while one reads on a wide screen, and its button can always be reached', async () => {
  const guestbook = await openGuestbook()
  await guestbook.fill(...GUESTS, ...GUESTS.map(({ name, message }) => ({ name, message: `${message}\n\nAnd again.` })))
  const page = await visit(guestbook.url, { viewport: { width: 1280, height: 720 } })
  await form(page).message.fill('A long story.\n'.repeat(60))
  await page.evaluate(() => { scrollTo(0, 400) })
  const { top } = await edges(page, 'h1')
  const { bottom } = await edges(page, 'button')
  expect(top).toBeGreaterThanOrEqual(0)
  expect(bottom).toBeLessThanOrEqual(720)
})

test('a full page weighs less than 20 KB on the wire, has no script and no style of its own', async () => {
  const guestbook = await openGuestbook()
  await guestbook.fill(...Array.from({ length: 25 }, (_, number) => ({ name: `Guest ${number}`, message: `${number} ${GUESTS.map(({ message }) => message).join(' ')}` })))
  const page = await visit('about:blank')
  const weights: Record<string, number> = {}
  page.on('requestfinished', async request => {
    weights[request.resourceType()] = (await request.sizes()).responseBodySize
  })
  await page.goto(guestbook.url, { waitUntil: 'networkidle' })
  expect(Object.keys(weights)).toEqual(expect.arrayContaining(['document', 'stylesheet']))
  expect(weights).not.toHaveProperty('script')
  expect(Object.values(weights).reduce((sum, weight) => sum + weight, 0)).toBeLessThan(20_000)
  expect(await page.locator('script, style, [style], [onclick], iframe').count()).toBe(0)
})

async function edges (page: Page, part: string): Promise<{ left: number, right: number, top: number, bottom: number }> {
  return await page.locator(part).first().evaluate(part => part.getBoundingClientRect().toJSON())
}
