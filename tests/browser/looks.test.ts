import { expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { ADA, GUESTS } from './guests.ts'
import { form, openGuestbook, sign, takeScreenshot, useBrowser } from './helper.ts'

const { visit, open } = useBrowser()

test.each(['light', 'dark'] as const)(
  'a wide screen has the form on the left and the messages on the right (%s)',
  async colorScheme => {
    const { page } = await open({
      messages: GUESTS, colorScheme, viewport: { width: 1280, height: 800 }
    })
    await sign(page, ADA)
    expect((await boxOf(page, 'form')).right).toBeLessThan((await boxOf(page, '.messages')).left)
    await takeScreenshot(page, `guestbook-${colorScheme}`)
  }
)

/**
 * Fonts that a machine may substitute, and larger or wider text that visitors may set. The layout
 * must fit with each: no test depends on the installed fonts.
 */
const FONTS: Record<string, string> = {
  'the fonts of this machine': '',
  'the serif font': font('serif'),
  'the sans-serif font': font('sans-serif'),
  'the monospace font': font('monospace'),
  'an unknown font': font('"No Such Font"'),
  'the cursive font': font('cursive'),
  'a wide font': `${font('monospace')} * { letter-spacing: 0.15em !important; }`,
  'a tall font': ':root { --line: 3rem } * { line-height: 2 !important; }',
  // WCAG 2.2, success criterion 1.4.12
  'the text spacing of WCAG':
    '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; ' +
    'word-spacing: 0.16em !important; } p { margin-block-end: 2em !important; }',
  'a larger font': ':root { font-size: 20px }'
}

/** Replaces both fonts of the page. */
function font (family: string): string {
  return `:root { --serif: ${family}; --sans: ${family}; }`
}

interface Box { left: number, right: number, top: number, bottom: number }

/**
 * Boxes of the page's parts and the horizontal overflow, with each font. Constructed style sheets
 * are exempt from the content security policy.
 */
async function layouts (
  page: Page,
  parts: string[]
): Promise<Array<{ font: string; overflow: number; boxes: Record<string, Box> }>> {
  return await page.evaluate(
    ({ fonts, parts }) =>
      Object.entries(fonts).map(([font, css]) => {
        const sheet = new CSSStyleSheet()
        sheet.replaceSync(css)
        document.adoptedStyleSheets = [sheet]
        const overflows = [
          document.documentElement,
          ...document.querySelectorAll('.sticky, article')
        ].map(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)
        const boxes = parts.map(part => [
          part,
          document.querySelector(part)!.getBoundingClientRect().toJSON()
        ])
        return { font, overflow: Math.max(...overflows), boxes: Object.fromEntries(boxes) }
      }),
    { fonts: FONTS, parts }
  )
}

test('a phone shows the whole form above the messages, with any font', async () => {
  const { page } = await open({
    messages: GUESTS,
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    hasTouch: true
  })
  await takeScreenshot(page, 'phone')
  for (const { font, boxes } of await layouts(page, ['form', 'button', '.messages'])) {
    const isFormAbove = boxes.form!.bottom < boxes['.messages']!.top
    expect([font, isFormAbove, boxes.button!.bottom < 844]).toEqual([font, true, true])
  }
})

test('nothing overflows horizontally from 320 pixels up, with any font', async () => {
  const { page } = await open({ messages: GUESTS })
  const parts = ['.brand', 'h1', 'form', 'button', '.messages']
  for (const width of [320, 390, 768, 959, 960, 1280, 2560]) {
    await page.setViewportSize({ width, height: 800 })
    for (const { font, overflow, boxes } of await layouts(page, parts)) {
      expect([width, font, overflow]).toEqual([width, font, 0])
      const outside = Object.entries(boxes).filter(
        ([, { left, right }]) => left < 0 || right > width
      )
      expect([width, font, outside]).toEqual([width, font, []])
    }
  }
})

test('the form stays visible while scrolling a wide screen, with any font', async () => {
  const more = GUESTS.map(({ name, message }) => ({ name, message: `${message}\n\nAnd again.` }))
  const { page } = await open({
    messages: [...GUESTS, ...more], viewport: { width: 1280, height: 720 }
  })
  await form(page).message.fill('A long story.\n'.repeat(60))
  await page.evaluate(() => { scrollTo(0, 400) })
  for (const { font, boxes } of await layouts(page, ['h1', 'button'])) {
    expect([font, boxes.h1!.top >= 0, boxes.button!.bottom <= 720]).toEqual([font, true, true])
  }
})

test('a full page transfers less than 20 KB, without scripts and inline styles', async () => {
  const guestbook = await openGuestbook()
  await guestbook.fill(
    ...Array.from({ length: 25 }, (_, number) => ({
      name: `Guest ${number}`,
      message: `${number} ${GUESTS.map(({ message }) => message).join(' ')}`
    }))
  )
  const page = await visit('about:blank')
  const sizes: Record<string, number> = {}
  page.on('requestfinished', async request => {
    sizes[request.resourceType()] = (await request.sizes()).responseBodySize
  })
  await page.goto(guestbook.url, { waitUntil: 'networkidle' })
  expect(Object.keys(sizes)).toEqual(expect.arrayContaining(['document', 'stylesheet']))
  expect(sizes).not.toHaveProperty('script')
  expect(Object.values(sizes).reduce((sum, size) => sum + size, 0)).toBeLessThan(20_000)
  expect(await page.locator('script, style, [style], [onclick], iframe').count()).toBe(0)
})

async function boxOf (page: Page, part: string): Promise<Box> {
  const first = page.locator(part).first()
  return await first.evaluate(part => part.getBoundingClientRect().toJSON() as Box)
}
