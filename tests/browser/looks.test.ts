import { expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { ADA, GUESTS } from './guests.ts'
import { form, openGuestbook, picture, sign, useBrowser } from './helper.ts'

const visit = useBrowser()

test.each(['light', 'dark'] as const)(
  'on a wide screen one signs on the left page and reads on the right (%s)',
  async colorScheme => {
    const guestbook = await openGuestbook()
    await guestbook.fill(...GUESTS)
    const page = await visit(guestbook.url, {
      colorScheme,
      viewport: { width: 1280, height: 800 }
    })
    await sign(page, ADA)
    expect((await edges(page, 'form')).right).toBeLessThan((await edges(page, '.messages')).left)
    await picture(page, `guestbook-${colorScheme}`)
  }
)

/**
 * What a computer without the fonts of the style sheet may show instead, and visitors who want larger
 * or wider text. Everything has to fit with each: no test depends on the fonts that are installed.
 */
const FONTS: Record<string, string> = {
  'the fonts of this computer': '',
  'the serif font': font('serif'),
  'the sans-serif font': font('sans-serif'),
  'the monospace font': font('monospace'),
  'no font of this name': font('"No Such Font"'),
  'the cursive font': font('cursive'),
  'a wide font': `${font('monospace')} * { letter-spacing: 0.15em !important; }`,
  'a tall font': ':root { --line: 3rem } * { line-height: 2 !important; }',
  // WCAG 2.2, success criterion 1.4.12
  'the text spacing of WCAG':
    '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; ' +
    'word-spacing: 0.16em !important; } p { margin-block-end: 2em !important; }',
  'a larger font': ':root { font-size: 20px }'
}

/** Both fonts of the page replaced by one. */
function font (family: string): string {
  return `:root { --serif: ${family}; --sans: ${family}; }`
}

interface Box { left: number, right: number, top: number, bottom: number }

/**
 * Where the parts of the page are with each of the fonts, and how far it can be scrolled to the side.
 * Sheets that a document constructs are not subject to the content security policy.
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
          ...document.querySelectorAll('.stays, article')
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

test('on a phone one reads below the form, and need not scroll to sign, whatever the font', async () => {
  const guestbook = await openGuestbook()
  await guestbook.fill(...GUESTS)
  const page = await visit(guestbook.url, {
    viewport: { width: 390, height: 844 },
    deviceScaleFactor: 2,
    hasTouch: true
  })
  await picture(page, 'phone')
  for (const { font, boxes } of await layouts(page, ['form', 'button', '.messages'])) {
    expect([
      font,
      boxes.form!.bottom < boxes['.messages']!.top,
      boxes.button!.bottom < 844
    ]).toEqual([font, true, true])
  }
})

test('nothing is cut off or has to be scrolled to the side, from 320 pixels to wide, whatever the font', async () => {
  const guestbook = await openGuestbook()
  await guestbook.fill(...GUESTS)
  const page = await visit(guestbook.url)
  for (const width of [320, 390, 768, 959, 960, 1280, 2560]) {
    await page.setViewportSize({ width, height: 800 })
    for (const { font, overflow, boxes } of await layouts(page, [
      '.brand',
      'h1',
      'form',
      'button',
      '.messages'
    ])) {
      expect([width, font, overflow]).toEqual([width, font, 0])
      const outside = Object.entries(boxes).filter(
        ([, { left, right }]) => left < 0 || right > width
      )
      expect([width, font, outside]).toEqual([width, font, []])
    }
  }
})

test('the form stays in sight while one reads on a wide screen, its button too, whatever the font', async () => {
  const guestbook = await openGuestbook()
  await guestbook.fill(
    ...GUESTS,
    ...GUESTS.map(({ name, message }) => ({ name, message: `${message}\n\nAnd again.` }))
  )
  const page = await visit(guestbook.url, { viewport: { width: 1280, height: 720 } })
  await form(page).message.fill('A long story.\n'.repeat(60))
  await page.evaluate(() => {
    scrollTo(0, 400)
  })
  for (const { font, boxes } of await layouts(page, ['h1', 'button'])) {
    expect([font, boxes.h1!.top >= 0, boxes.button!.bottom <= 720]).toEqual([font, true, true])
  }
})

test('a full page weighs less than 20 KB on the wire, has no script and no style of its own', async () => {
  const guestbook = await openGuestbook()
  await guestbook.fill(
    ...Array.from({ length: 25 }, (_, number) => ({
      name: `Guest ${number}`,
      message: `${number} ${GUESTS.map(({ message }) => message).join(' ')}`
    }))
  )
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

async function edges (page: Page, part: string): Promise<Box> {
  return await page
    .locator(part)
    .first()
    .evaluate(part => part.getBoundingClientRect().toJSON() as Box)
}
