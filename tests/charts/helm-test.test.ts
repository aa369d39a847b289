import { spawn } from 'node:child_process'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from '@jest/globals'
import { freePort } from '../../system-tests/lib/free-port.ts'
import { cleanUp, temporaryFolder } from '@guestbook/service-kit/testing'
import { startService } from '../../system-tests/lib/service-process.ts'
import { render } from './helm.ts'

/** Runs the script of the pod of `helm test`. */
async function helmTest (
  url: string, patienceMs?: number
): Promise<{ status: number, log: string }> {
  const [pod] = (await render('guestbook-frontend')).filter(({ kind }) => kind === 'Pod')
  const [{ command: [program, ...options], args }] = pod!.spec.containers
  expect(program).toBe('node')
  const env = {
    FRONTEND_URL: url, ...patienceMs !== undefined && { PATIENCE_MS: String(patienceMs) }
  }
  const child = spawn(
    process.execPath, [...options, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] }
  )
  cleanUp(() => { child.kill('SIGKILL') })
  const [log, [status]] = await Promise.all([text(child.stdout), once(child, 'close')])
  return { status, log }
}

type Answer = (request: IncomingMessage, response: ServerResponse) => unknown
async function fakeFrontend (answer: Answer): Promise<string> {
  const server = createServer((request, response) => {
    void answer(request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUp(() => { server.close() })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('helm test posts a message with the form and reads it back', async () => {
  const backend = await startService('backend', { env: { DATA_DIR: temporaryFolder() } })
  const frontend = await startService('frontend', { env: { BACKEND_URL: backend.url } })

  const { status, log } = await helmTest(frontend.url)
  expect({ status, log }).toEqual({
    status: 0, log: expect.stringMatching(/^"helm test [\w-]{36}" was posted and read back/)
  })
  const message = /helm test [\w-]+/.exec(log)?.[0] ?? 'none'
  const page = await (await fetch(frontend.url)).text()
  expect(page.split(message).length - 1).toBe(1)
})

test.each([
  [1, 0, /was posted and read back/], [5, 0, /was posted and read back/], [6, 1, /does not show it/]
])('helm test with its message on page %i ends with %i', async (place, status, log) => {
  let posted = ''
  const url = await fakeFrontend(async (request, response) => {
    if (request.method === 'POST') {
      posted = new URLSearchParams(await text(request)).get('message') ?? ''
      return response.writeHead(303, { location: '/' }).end()
    }
    const page = Number(/^\/\?before=(\d+)$/.exec(request.url!)?.[1] ?? 1)
    const next = `<a href="/?before&#x3D;${page + 1}" rel="next">Older</a>`
    return response.end(page === place ? posted : next)
  })
  expect(await helmTest(url, 0)).toEqual({ status, log: expect.stringMatching(log) })
})

const TOO_FAST = '<div role="alert">\n  <p>Not so fast</p></div>'
const answers = (page: number, post: number, body = '') => [page, post, body] as const
test.each([
  ['a message is taken and not shown', answers(200, 303), 'the page does not show it'],
  ['a post is refused', answers(200, 429, TOO_FAST), 'the post was answered 429 Not so fast'],
  ['a post is answered by a page', answers(200, 200), 'the post was answered 200'],
  ['the page fails', answers(500, 303), '/ was answered 500'],
  ['the page is empty', answers(204, 303), '/ was answered 204'],
  ['the page is elsewhere', answers(302, 303), '/ was answered 302']
])('helm test fails with the reason if %s', async (_what, [page, post, body], reason) => {
  const url = await fakeFrontend((request, response) => {
    const isPost = request.method === 'POST'
    response.writeHead(isPost ? post : page, { location: '/elsewhere' }).end(isPost ? body : '')
  })
  expect(await helmTest(url, 0)).toEqual({ status: 1, log: expect.stringContaining(reason) })
})

test('helm test fails with the reason if nothing listens', async () => {
  expect(await helmTest(`http://127.0.0.1:${await freePort()}`, 0)).toEqual({
    status: 1, log: expect.stringContaining('ECONNREFUSED')
  })
})

test('helm test retries as the same visitor while the guestbook starts', async () => {
  const cookies: Array<string | undefined> = []
  const posts: string[] = []
  const url = await fakeFrontend(async (request, response) => {
    cookies.push(request.headers.cookie)
    if (request.method === 'POST') {
      posts.push(await text(request))
      return response.writeHead(posts.length > 1 ? 303 : 503).end()
    }
    const visitor = [`visitor=${cookies.length}; Path=/`, 'theme=dark; HttpOnly']
    return response.setHeader('set-cookie', visitor).end(posts.join().replaceAll('+', ' '))
  })
  expect(await helmTest(url)).toMatchObject({ status: 0 })
  const [first, ...later] = cookies
  expect(first).toBeFalsy()
  expect(later).toEqual(Array.from({ length: 4 }, () => 'visitor=1; theme=dark'))
  expect(posts).toEqual(Array.from({ length: 2 }, () => posts[0]))
  expect(posts[0]).toMatch(/^name=helm\+test&message=helm\+test\+[\w-]{36}$/)
})
