import { rm, stat } from 'node:fs/promises'
import { AxeBuilder } from '@axe-core/playwright'
import { afterAll, beforeAll, expect, jest } from '@jest/globals'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { executablePath, sandboxFlags } from '../../system-tests/lib/chromium.ts'
import { cleanUp } from './guestbook.ts'

export { cleanUp, openGuestbook, openOtherSite, type Guestbook } from './guestbook.ts'

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

/** One browser for the tests of a file. Gives a function that opens an address as a visitor nobody has seen before. */
export function useBrowser (
  flags: string[] = []
): (url: string, options?: BrowserContextOptions) => Promise<Page> {
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args: [...FLAGS, ...flags] })
  })
  afterAll(async () => {
    await browser.close()
  })

  return async (url, options) => {
    // Without motion, colours are what they shall be from the first moment on.
    const context = await browser.newContext({ reducedMotion: 'reduce', ...options })
    const page = await context.newPage()
    const complaints = await watch(page)
    cleanUp(async () => {
      await context.close()
      expect(complaints).toEqual([])
    })
    await page.goto(url)
    return page
  }
}

/** Collects what must not happen in any journey: dialogs, errors on the console and violations of the content security policy. */
async function watch (page: Page): Promise<string[]> {
  const complaints: string[] = []
  const visited = new Set<string>()
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', event => {
      console.error('violates the policy:', event.violatedDirective, event.blockedURI)
    })
  })
  page.on('request', request => { if (request.isNavigationRequest()) visited.add(request.url()) })
  page.on('dialog', dialog => {
    complaints.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('pageerror', error => { complaints.push(`exception: ${error.message}`) })
  page.on('console', message => {
    // Chromium repeats the status of an error page there; the journeys look at it themselves.
    const isStatus =
      message.text().startsWith('Failed to load resource: the server responded') &&
      visited.has(message.location().url)
    if (['error', 'warning'].includes(message.type()) && !isStatus) {
      complaints.push(`console: ${message.text()}`)
    }
  })
  return complaints
}

/** The services' clocks go forward, until the test ends. The browser's does not. */
export function passTime (ms: number): void {
  const doNotFake = [
    'hrtime',
    'nextTick',
    'performance',
    'queueMicrotask',
    'setImmediate',
    'clearImmediate',
    'setInterval',
    'clearInterval',
    'setTimeout',
    'clearTimeout'
  ] as const
  jest.useFakeTimers({ now: Date.now() + ms, doNotFake: [...doNotFake] })
  cleanUp(() => { jest.useRealTimers() })
}

export interface Draft { name: string, message: string }

/** The form and what stands around it, as a visitor finds them. */
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

export async function draftOn (page: Page): Promise<Draft> {
  return {
    name: await form(page).name.inputValue(),
    message: await form(page).message.inputValue()
  }
}

/** Sends the form; gives the status of the page that comes back. */
export async function submit (page: Page): Promise<number> {
  const [response] = await Promise.all([
    page.waitForEvent('response', response => response.request().isNavigationRequest()),
    form(page).submit.click()
  ])
  await page.waitForLoadState()
  return response.status()
}

/** Where a message stands alone, and where it stands among others. */
export const MESSAGE_PAGE = /\/messages\/[\w-]+$/
const PLACE_IN_LIST = /\/#m-[\w-]+$/

/** Sends the form and waits for the page of the message. */
export async function post (page: Page, draft: Draft): Promise<void> {
  await fillIn(page, draft)
  await form(page).submit.click()
  await page.waitForURL(MESSAGE_PAGE)
}

/** Goes on from the page of a message to the guestbook, where it is highlighted. */
export async function goToGuestbook (page: Page): Promise<void> {
  await page.getByRole('link', { name: 'To the guestbook' }).click()
  await page.waitForURL(PLACE_IN_LIST)
}

/** Sends the form and goes on until the message is there among the others, highlighted. */
export async function sign (page: Page, draft: Draft): Promise<void> {
  await post(page, draft)
  await goToGuestbook(page)
}

/** The messages that are shown, in their order. */
export async function messagesOn (page: Page): Promise<Draft[]> {
  return await page.getByRole('article').evaluateAll(articles => articles.map(article => ({
    name: article.querySelector('.name')?.textContent ?? '',
    message: article.querySelector('.text')?.textContent ?? ''
  })))
}

/** Everything axe can find, contrast included. Only the ruled lines of the text field are beyond it: it cannot tell their colour. */
export async function expectAccessible (page: Page): Promise<void> {
  const { violations, incomplete } = await new AxeBuilder({ page })
    .options({ resultTypes: ['violations', 'incomplete'] })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .setLegacyMode() // our pages have no frames, and without them this takes half the time
    .analyze()
  const found = [...violations, ...incomplete].flatMap(({ id, nodes }) =>
    nodes.map(({ target, any }) => `${id}: ${target} ${any.map(({ message }) => message)}`)
  )
  expect(found.filter(finding => !finding.startsWith('color-contrast: #message '))).toEqual([])
}

/** Takes a picture for the documents when they are asked for (`make screenshots`). */
export async function picture (page: Page, name: string): Promise<void> {
  if (process.env.SCREENSHOTS !== '1') return
  const path = new URL(`../../docs/screenshots/${name}.png`, import.meta.url).pathname
  await page.screenshot({ path })
  const { size } = await stat(path)
  if (size < MAX_PICTURE_BYTES) return
  await rm(path)
  throw new Error(`The picture ${name} has ${size} bytes, more than a document should carry.`)
}
