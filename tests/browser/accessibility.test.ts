import { expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { ADA } from './guests.ts'
import {
  expectAccessible, fillIn, fillInUnchecked, openGuestbook, openOtherSite, passTime, post, sign,
  submit, useBrowser, type Guestbook
} from './helper.ts'

const { visit } = useBrowser()
const HOUR_MS = 60 * 60 * 1000
/** Three pages, with every colour of names. */
const MESSAGES = Array.from({ length: 41 }, (_, number) => ({
  name: `Guest ${number}`,
  message: `Message ${number}\nمرحبا 🎉`
}))

interface Visit {
  kind: string
  settings?: Record<string, string>
  /** Runs before the visit. */
  prepare?: (guestbook: Guestbook) => Promise<void>
  /** The visitor's actions on the guestbook's page. */
  go?: (page: Page, guestbook: Guestbook) => Promise<void>
}

const VISITS: Visit[] = [
  { kind: 'the empty guestbook' },
  { kind: 'many messages', prepare: fill },
  {
    kind: 'a new message, highlighted',
    prepare: fill,
    go: async page => { await sign(page, ADA) }
  },
  {
    kind: 'the page of a message',
    go: async page => { await post(page, { ...ADA, message: `${ADA.message}\nمرحبا 🎉` }) }
  },
  {
    kind: 'the page of a stale message',
    prepare: fill,
    go: async (page, guestbook) => {
      const link = page.getByRole('article').first().getByRole('link')
      const url = new URL((await link.getAttribute('href'))!, guestbook.url)
      await guestbook.stopBackend()
      expect((await page.goto(url.href))?.status()).toBe(503)
    }
  },
  {
    kind: 'a repeated message',
    go: async page => {
      await sign(page, ADA)
      passTime(HOUR_MS)
      await fillIn(page, ADA)
      expect(await submit(page)).toBe(409)
    }
  },
  { kind: 'older messages with more to come', prepare: fill, go: goToOlder },
  {
    kind: 'the oldest messages',
    prepare: fill,
    go: async page => {
      await goToOlder(page)
      await goToOlder(page)
    }
  },
  {
    kind: 'errors at their fields',
    go: async page => {
      await fillInUnchecked(page, { name: '', message: 'long '.repeat(300) })
      expect(await submit(page)).toBe(400)
    }
  },
  {
    kind: 'too many messages in a short time',
    settings: { RATE_LIMIT_POSTS: '1' },
    go: async page => {
      await sign(page, ADA)
      await fillIn(page, { ...ADA, message: 'Another' })
      expect(await submit(page)).toBe(429)
    }
  },
  {
    kind: 'a failed post, with stale messages',
    prepare: fill,
    go: async (page, guestbook) => {
      await guestbook.stopBackend()
      await fillIn(page, ADA)
      expect(await submit(page)).toBe(503)
    }
  },
  {
    kind: 'an unavailable guestbook',
    prepare: async guestbook => { await guestbook.stopBackend() }
  },
  {
    kind: 'an unknown path',
    go: async (page, guestbook) => {
      expect((await page.goto(`${guestbook.url}nothing`))?.status()).toBe(404)
    }
  },
  {
    kind: 'a post from another site',
    go: async (page, guestbook) => {
      const other = await openOtherSite(
        '<!doctype html><title>Elsewhere</title>' +
        `<form method="post" action="${guestbook.url}"><button>Win</button></form>`
      )
      await page.goto(`http://localhost:${other.port}/`)
      const [response] = await Promise.all([
        page.waitForResponse(guestbook.url),
        page.getByRole('button').click()
      ])
      expect(response.status()).toBe(403)
      await page.waitForLoadState()
    }
  }
]

test.each(VISITS)(
  'axe finds no violations in light and dark: $kind',
  async ({ settings, prepare, go }) => {
    const guestbook = await openGuestbook(settings)
    await prepare?.(guestbook)
    const page = await visit(guestbook.url)
    await go?.(page, guestbook)

    const colours = []
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      await expectAccessible(page)
      colours.push(await page.evaluate(() => getComputedStyle(document.body).backgroundColor))
    }
    expect(new Set(colours).size).toBe(2)
  }
)

async function fill (guestbook: Guestbook) { await guestbook.fill(...MESSAGES) }

async function goToOlder (page: Page): Promise<void> {
  const [response] = await Promise.all([
    page.waitForResponse(/before/),
    page.getByRole('link', { name: 'Older messages' }).click()
  ])
  expect(response.status()).toBe(200)
  await page.waitForLoadState()
}
