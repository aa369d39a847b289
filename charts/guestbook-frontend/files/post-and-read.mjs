// Run by `helm test`: posts a message with the form of the page and reads it back from the page.
import { setTimeout as sleep } from 'node:timers/promises'

// A new release needs time: for DNS, for network policies, and until the backend is connected.
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
  // One cookie for all attempts: the guestbook deduplicates the posts.
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

/** On the newest page, or on an older one if other messages were posted meanwhile. */
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
