import { expect, test } from '@jest/globals'
import { messagesOn, sign, useBrowser } from './helper.ts'

const { open } = useBrowser()

/** The text with `count` combining marks after each letter. */
function marks (text: string, count: number): string {
  const codes = Array.from({ length: count }, (_, at) => 0x300 + ((at * 3) % 0x6f))
  return [...text].map(letter => letter + String.fromCodePoint(...codes)).join('')
}

/** Texts as visitors type them, which break naive guestbooks. */
const TEXTS = {
  'a script': {
    name: '<script>alert(1)</script>',
    message: '</p><script>alert(document.cookie)</script><img src=x onerror=alert(2)>'
  },
  'quotes and attributes': {
    name: '" autofocus onfocus="alert(3)',
    message: '\'single\' "double" `back` & &amp; &lt;b&gt; {{name}} #{1} ' +
      '<a href="javascript:alert(4)">x</a>'
  },
  'the end of a text field': {
    name: '--><svg onload=alert(5)>',
    message: '</textarea><script>alert(6)</script>'
  },
  emoji: { name: '👩‍👩‍👧‍👦🏳️‍🌈', message: '🎉 🇺🇳 👍🏽 ☃️' },
  'right to left': { name: 'شهرزاد', message: 'כל הדרכים מובילות לכאן, even in English.' },
  'lines and spaces': { name: 'Line Breaker', message: 'first\n\n  indented\nlast' }
}

test.each(Object.entries(TEXTS))(
  'a text is shown literally and never executed: %s',
  async (_kind, text) => {
    const { guestbook, page } = await open()
    await sign(page, text)
    expect(await messagesOn(page)).toEqual([text])
    expect(await page.locator('script, img[src=x], svg, p a[href^=javascript]').count()).toBe(0)
    expect(await guestbook.stored()).toEqual([text])
  }
)

test('right-to-left texts keep their direction among others', async () => {
  const hebrew = { name: 'שרה', message: 'תודה על האירוח' }
  const english = { name: 'Tom', message: 'Thanks for having us' }
  const { page } = await open({ messages: [hebrew, english] })
  const directions = await page.getByRole('article').evaluateAll(articles => articles.map(article =>
    [...article.querySelectorAll('h3, .text')].map(text => getComputedStyle(text).direction)))
  expect(directions).toEqual([['ltr', 'ltr'], ['rtl', 'rtl']])
})

test.each([320, 1280])(
  'any text stays in its own box on a screen of %i pixels',
  async width => {
    const messages = [
      {
        name: 'W'.repeat(80),
        message: 'https://example.org/' + 'donaudampfschifffahrtsgesellschaft'.repeat(25)
      },
      { name: marks('Zalgo', 15), message: marks('He comes', 30) },
      { name: '﷽'.repeat(20), message: '﷽'.repeat(80) },
      { name: '👨‍👩‍👧‍👦'.repeat(11), message: '🎉'.repeat(1000) },
      { name: 'Line breaks', message: 'x\n'.repeat(49) + 'x' }
    ]
    const { page } = await open({ messages, viewport: { width, height: 800 } })
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width)
    const outside = await page.getByRole('article').evaluateAll(articles =>
      articles.flatMap(article => {
        const box = article.getBoundingClientRect()
        return [...article.querySelectorAll('h3, .when, .text')]
          .filter(part => {
            const { left, right, top, bottom } = part.getBoundingClientRect()
            return (
              left < box.left ||
              right > box.right ||
              top < box.top ||
              bottom > box.bottom ||
              part.scrollWidth > part.clientWidth
            )
          })
          .map(part => part.textContent)
      })
    )
    expect(outside).toEqual([])
    // Stacked accents exceed their line; the browser does not paint them outside the box.
    const containments = await page.getByRole('article').evaluateAll(articles =>
      articles.map(article => getComputedStyle(article).contain))
    expect(new Set(containments)).toEqual(new Set(['content']))
  }
)
