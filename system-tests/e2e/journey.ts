import { chromium } from 'playwright-core'
import { executablePath, sandboxFlags } from '../lib/chromium.ts'
import { check, kubectl, step } from './cluster.ts'

interface Page { status: number, retryAfter: string | null, html: string, messages: string[] }

/** Calls `use` with PAGE_URL, or with the URL of a port-forward. */
async function withPage<T> (use: (url: string) => Promise<T>): Promise<T> {
  if (process.env.PAGE_URL) return await use(process.env.PAGE_URL)
  const forward = await kubectl.forward('service/guestbook-frontend', 3000)
  try {
    await forward.ready()
    return await use(`${forward.url}/`)
  } finally {
    forward.close()
  }
}

export const readPage = async () => await withPage(async (url): Promise<Page> => {
  const response = await fetch(url)
  const html = await response.text()
  const messages = [...html.matchAll(/<article[^>]*>.*?<\/article>/gs)].map(([article]) => article)
  const retryAfter = response.headers.get('retry-after')
  return { status: response.status, retryAfter, html, messages }
})

/** A visitor's journey in a browser. */
export const visitAndPost = async () => await withPage(async url => {
  const browser = await chromium.launch({ executablePath, args: sandboxFlags })
  try {
    await step(`visiting ${url} in Chromium and posting`, async () => {
      const page = await browser.newPage()
      await page.goto(url)
      await page.getByLabel('Your name').fill('Zoë')
      await page.getByLabel('Your message').fill('<b>Cluster</b> & friends, "quoted"')
      await page.getByRole('button', { name: 'Sign the guestbook' }).click()
      await page.waitForURL(/\/messages\/[\w-]+$/)
      await page.reload()
      const text = await page.getByRole('article').first().innerText()
      check(
        'the message is there after a reload, as it was typed',
        text.includes('<b>Cluster</b> & friends, "quoted"'),
        text
      )
    })
  } finally {
    await browser.close()
  }
})
