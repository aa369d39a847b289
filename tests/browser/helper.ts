import { rm, stat } from 'node:fs/promises'
import { AxeBuilder } from '@axe-core/playwright'
import { cleanUp, setClock } from '@guestbook/service-kit/testing'
import { afterAll, beforeAll, expect } from '@jest/globals'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { executablePath, sandboxFlags } from '../../system-tests/lib/chromium.ts'
import { openGuestbook, type Draft } from './guestbook.ts'

export { openGuestbook, openOtherSite, type Guestbook } from './guestbook.ts'

const MAX_PICTURE_BYTES = 200 * 1024

const FLAGS = [
  '--disable-gpu',
  '--disable-quic',
  '--no-proxy-server',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  ...sandboxFlags
]

interface OpenOptions extends BrowserContextOptions {
  /** Settings of the frontend. */
  settings?: Record<string, string>
  /** Messages in the guestbook. */
  messages?: Draft[]
}

/** Starts one browser per test file. */
export function useBrowser (flags: string[] = []) {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: [...FLAGS, ...flags] })
  })
  afterAll(async () => { await browser.close() })

  /** Opens a URL as a new visitor. */
  async function visit (url: string, options: BrowserContextOptions = {}): Promise<Page> {
    // Without motion, colours are final from the start.
    const context = await browser.newContext({ reducedMotion: 'reduce', ...options })
    const page = await context.newPage()
    const problems = await collectProblems(page)
    cleanUp(async () => {
      await context.close()
      expect(problems).toEqual([])
    })
    await page.goto(url)
    return page
  }

  /** Opens a new guestbook as a visitor. */
  async function open ({ settings, messages = [], ...options }: OpenOptions = {}) {
    const guestbook = await openGuestbook(settings)
    await guestbook.fill(...messages)
    return { guestbook, page: await visit(guestbook.url, options) }
  }
  return { visit, open }
}

/** Collects dialogs, exceptions, console errors and CSP violations: no test may cause any. */
async function collectProblems (page: Page): Promise<string[]> {
  const problems: string[] = []
  const visited = new Set<string>()
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', event => {
      console.error('CSP violation:', event.violatedDirective, event.blockedURI)
    })
  })
  page.on('request', request => { if (request.isNavigationRequest()) visited.add(request.url()) })
  page.on('dialog', dialog => {
    problems.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('pageerror', error => { problems.push(`exception: ${error.message}`) })
  page.on('console', message => {
    // Chromium logs the status of error pages; the tests check it.
    const isStatus =
      message.text().startsWith('Failed to load resource: the server responded') &&
      visited.has(message.location().url)
    if (['error', 'warning'].includes(message.type()) && !isStatus) {
      problems.push(`console: ${message.text()}`)
    }
  })
  return problems
}

/** Advances the clock of the services until the test ends, not that of the browser. */
export function passTime (ms: number): void {
  setClock(Date.now() + ms)
}

/** The form's elements, as visitors find them. */
export const form = (page: Page) => ({
  name: page.getByLabel('Your name'),
  message: page.getByLabel('Your message'),
  submit: page.getByRole('button', { name: 'Sign the guestbook' }),
  alert: page.getByRole('alert')
})

export async function fillIn (page: Page, { name, message }: Draft): Promise<void> {
  await form(page).name.fill(name)
  await form(page).message.fill(message)
}

/** Fills in the form and disables the browser's validation. */
export async function fillInUnchecked (page: Page, draft: Draft): Promise<void> {
  await fillIn(page, draft)
  await form(page).submit.evaluate((button: HTMLButtonElement) => { button.formNoValidate = true })
}

export async function draftOn (page: Page): Promise<Draft> {
  return {
    name: await form(page).name.inputValue(),
    message: await form(page).message.inputValue()
  }
}

/** Submits the form. Returns the status of the response. */
export async function submit (page: Page): Promise<number> {
  const [response] = await Promise.all([
    page.waitForEvent('response', response => response.request().isNavigationRequest()),
    form(page).submit.click()
  ])
  await page.waitForLoadState()
  return response.status()
}

/** URLs of a message's page, and of the message in the guestbook. */
export const MESSAGE_PAGE = /\/messages\/[\w-]+$/
const MESSAGE_IN_LIST = /\/#m-[\w-]+$/

/** Submits the form and waits for the page of the message. */
export async function post (page: Page, draft: Draft): Promise<void> {
  await fillIn(page, draft)
  await form(page).submit.click()
  await page.waitForURL(MESSAGE_PAGE)
}

/** Follows the link from the page of a message to the guestbook, which highlights it. */
export async function goToGuestbook (page: Page): Promise<void> {
  await page.getByRole('link', { name: 'To the guestbook' }).click()
  await page.waitForURL(MESSAGE_IN_LIST)
}

/** Submits the form and follows the link to the guestbook. */
export async function sign (page: Page, draft: Draft): Promise<void> {
  await post(page, draft)
  await goToGuestbook(page)
}

/** The messages on the page, in order. */
export async function messagesOn (page: Page): Promise<Draft[]> {
  return await page.getByRole('article').evaluateAll(articles => articles.map(article => ({
    name: article.querySelector('.name')?.textContent ?? '',
    message: article.querySelector('.text')?.textContent ?? ''
  })))
}

/** Checks all rules of axe. It cannot determine the contrast of the text field with ruled lines. */
export async function expectAccessible (page: Page): Promise<void> {
  const { violations, incomplete } = await new AxeBuilder({ page })
    .options({ resultTypes: ['violations', 'incomplete'] })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .setLegacyMode() // halves the time; works for pages without frames
    .analyze()
  const found = [...violations, ...incomplete].flatMap(({ id, nodes }) =>
    nodes.map(({ target, any }) => `${id}: ${target} ${any.map(({ message }) => message)}`)
  )
  expect(found.filter(finding => !finding.startsWith('color-contrast: #message '))).toEqual([])
}

/** Takes a picture for the docs (`make screenshots`). */
export async function takeScreenshot (page: Page, name: string): Promise<void> {
  if (process.env.SCREENSHOTS !== '1') return
  const path = new URL(`../../docs/screenshots/${name}.png`, import.meta.url).pathname
  await page.screenshot({ path })
  const { size } = await stat(path)
  if (size < MAX_PICTURE_BYTES) return
  await rm(path)
  throw new Error(`The screenshot ${name} has ${size} bytes, more than ${MAX_PICTURE_BYTES}.`)
}
