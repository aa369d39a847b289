// Run by `helm test`: signs the guestbook by the page's own form and reads the message back from the page.
import { setTimeout as sleep } from 'node:timers/promises'

// Time for a fresh release: names that resolve, network policies in force, a backend that has found its database.
const deadline = Date.now() + Number(process.env.PATIENCE_MS ?? 60_000)
const message = `helm test ${crypto.randomUUID()}`
let cookie = ''

async function request (path, options) {
  return await fetch(new URL(path, process.env.FRONTEND_URL), {
    redirect: 'manual',
    signal: AbortSignal.timeout(10_000),
    ...options
  })
}

async function read (path) {
  const response = await request(path, { headers: { cookie } })
  if (response.status !== 200) throw new Error(`${path} was answered ${response.status}`)
  // One cookie for all attempts: they are the same post to the guestbook, which keeps it once.
  cookie ||= response.headers.getSetCookie().map(text => text.split(';')[0]).join('; ')
  return await response.text()
}

async function sign () {
  const response = await request('/', {
    method: 'POST',
    headers: { cookie },
    body: new URLSearchParams({ name: 'helm test', message })
  })
  const reason = (await response.text()).match(/role="alert">\s*<p>(.*?)</)?.[1] ?? ''
  if (response.status !== 303) throw new Error(`the post was answered ${response.status} ${reason}`)
}

/** On the newest page, or as others write meanwhile, on one of the next. */
async function isShown () {
  for (let path = '/', turns = 0; path && turns < 5; turns++) {
    const html = await read(path)
    if (html.includes(message)) return true
    path = html.match(/href="([^"]+)" rel="next"/)?.[1].replace(/&#x3D;/gi, '=')
  }
  return false
}

async function attempt () {
  await read('/')
  await sign()
  if (!await isShown()) throw new Error(`"${message}" was taken, but the page does not show it`)
}

for (;;) {
  try {
    await attempt()
    console.log(`"${message}" was posted and read back through ${process.env.FRONTEND_URL}`)
    break
  } catch (error) {
    console.log(error.cause?.message ?? error.message)
    if (Date.now() > deadline) process.exit(1)
    await sleep(1000)
  }
}
