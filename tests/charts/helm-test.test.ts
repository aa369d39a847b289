import { spawn } from 'node:child_process'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from '@jest/globals'
import { cleanUp, startService, temporaryFolder } from '../services/process.ts'
import { render } from './helm.ts'

/** Runs what the pod of `helm test` runs. */
async function helmTest (url: string, patience = 60_000): Promise<{ status: number, log: string }> {
  const [pod] = (await render('guestbook-frontend')).filter(({ kind }) => kind === 'Pod')
  const [{ command: [program, ...options], args }] = pod!.spec.containers
  expect(program).toBe('node')
  const child = spawn(process.execPath, [...options, ...args], { env: { FRONTEND_URL: url, PATIENCE_MS: String(patience) }, stdio: ['ignore', 'pipe', 'inherit'] })
  const [log, [status]] = await Promise.all([text(child.stdout), once(child, 'close')])
  return { status, log }
}

async function fakeFrontend (answer: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<string> {
  const server = createServer((request, response) => { void answer(request, response) }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUp(() => { server.close() })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

test('the test pod is a hook of its own, in the frontend\'s image, and its log stays', async () => {
  const [pod] = (await render('guestbook-frontend', { values: { image: { tag: 'abc' } } })).filter(({ kind }) => kind === 'Pod')
  expect(pod?.metadata.annotations).toEqual({ 'helm.sh/hook': 'test', 'helm.sh/hook-delete-policy': 'before-hook-creation' })
  expect(pod?.spec).toMatchObject({ restartPolicy: 'Never', containers: [{ image: 'guestbook-frontend:abc', env: [{ name: 'FRONTEND_URL', value: 'http://guestbook-frontend:3000' }] }] })
})

test('helm test signs a running guestbook by its form and reads the message back', async () => {
  const backend = await startService('backend', { env: { DATA_DIR: temporaryFolder() } })
  const frontend = await startService('frontend', { env: { BACKEND_URL: backend.url } })

  const { status, log } = await helmTest(frontend.url)
  expect({ status, log }).toEqual({ status: 0, log: expect.stringMatching(/^"helm test [\w-]{36}" was posted and read back/) })
  const message = /helm test [\w-]+/.exec(log)?.[0] ?? 'none'
  const page = await (await fetch(frontend.url)).text()
  expect(page.split(message).length - 1).toBe(1)
})

test('helm test turns pages to find its message under later ones', async () => {
  let posted = ''
  const url = await fakeFrontend(async (request, response) => {
    if (request.method === 'POST') {
      posted = new URLSearchParams(await text(request)).get('message') ?? ''
      response.writeHead(303, { location: '/' }).end()
    } else response.end(request.url === '/' ? '<a href="/?before&#x3D;abc" rel="next">Older</a>' : request.url === '/?before=abc' ? posted : '')
  })
  expect(await helmTest(url, 0)).toMatchObject({ status: 0 })
})

test.each([
  ['a message is taken and not shown', (post: boolean) => post ? 303 : 200, /the page does not show it/],
  ['a post is refused', (post: boolean) => post ? 503 : 200, /the post was answered 503/],
  ['the page fails', () => 500, /was answered 500/]
])('helm test fails and says so when %s', async (_what, answer, reason) => {
  const url = await fakeFrontend((request, response) => { response.writeHead(answer(request.method === 'POST')).end() })
  expect(await helmTest(url, 0)).toEqual({ status: 1, log: expect.stringMatching(reason) })
})

test('helm test tries again while the guestbook is still starting, as one and the same visitor', async () => {
  const cookies = new Set<string | undefined>()
  let shown = ''
  const url = await fakeFrontend(async (request, response) => {
    if (request.method !== 'POST') return response.setHeader('set-cookie', 'visitor=one; Path=/').end(shown)
    const message = new URLSearchParams(await text(request)).get('message') ?? ''
    cookies.add(request.headers.cookie)
    if (cookies.size === 1 && !shown) shown = ' '
    else shown = message
    response.writeHead(shown.trim() ? 303 : 503).end()
  })
  expect(await helmTest(url)).toMatchObject({ status: 0 })
  expect([...cookies]).toEqual(['visitor=one'])
})
