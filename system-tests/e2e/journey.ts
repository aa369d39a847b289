import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { chromium } from 'playwright-core'
import { executablePath, sandboxFlags } from '../lib/chromium.ts'
import { check, NAMESPACE, step } from './cluster.ts'

interface Page { status: number, retryAfter: string | null, html: string, messages: string[] }

/** Makes the page reachable from here: through PAGE_URL, or else by a port-forward to a free port. */
async function withPage<T> (use: (url: string) => Promise<T>): Promise<T> {
  if (process.env.PAGE_URL) return await use(process.env.PAGE_URL)
  const forward = spawn(
    'kubectl',
    ['--namespace', NAMESPACE, 'port-forward', 'service/guestbook-frontend', ':3000'],
    { stdio: ['ignore', 'pipe', 'inherit'] }
  )
  try {
    const [line] = await once(createInterface(forward.stdout), 'line') as [string]
    return await use(`http://127.0.0.1:${/:(\d+) ->/.exec(line)![1]}/`)
  } finally {
    forward.kill()
  }
}

export const readPage = () => withPage(async (url): Promise<Page> => {
  const response = await fetch(url)
  const html = await response.text()
  const messages = [...html.matchAll(/<article[^>]*>.*?<\/article>/gs)].map(([article]) => article)
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    html,
    messages
  }
})

/** A visitor's journey in a real browser. */
export const visitAndSign = () => withPage(async url => {
  const browser = await chromium.launch({ executablePath, args: sandboxFlags })
  try {
    await step(`visiting ${url} in Chromium and signing the guestbook`, async () => {
      const page = await browser.newPage()
      await page.goto(url)
      await page.getByLabel('Your name').fill('Zoë')
      await page.getByLabel('Your message').fill('<b>Cluster</b> & friends, "quoted"')
      await page.getByRole('button', { name: 'Sign the guestbook' }).click()
      await page.waitForURL(/\/messages\/[\w-]+$/)
      await page.reload()
      const entry = page.getByRole('article').first()
      check(
        'the message is there after a reload, as it was typed',
        (await entry.innerText()).includes('<b>Cluster</b> & friends, "quoted"'),
        await entry.innerText()
      )
    })
  } finally {
    await browser.close()
  }
})
