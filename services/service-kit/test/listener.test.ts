import { EventEmitter, once } from 'node:events'
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http'
import { connect, createServer, isIPv6, type AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { text } from 'node:stream/consumers'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from '@jest/globals'
import type { App } from '../src/index.ts'
import { Listener, ListenError } from '../src/listener.ts'
import { build, cleanUp, type BuildOptions } from './helper.ts'

/** Without IPv6 on the computer, the tests run on 127.0.0.1 only. */
const addresses = Object.values(networkInterfaces()).flatMap(entries => entries!)
const LOOPBACK = ['127.0.0.1', '::1'].filter(wanted =>
  addresses.some(({ address }) => address === wanted)
)
const OTHERS = addresses
  .filter(({ internal, scopeid }) => !internal && !scopeid)
  .map(({ address }) => address)

const HTTP = { port: 0, setting: 'PORT', name: 'HTTP server' }

async function listen (host: string, options: BuildOptions = {}) {
  const built = await build({
    ...options,
    routes: app => {
      app.get('/', async ({ ip }) => ip)
      app.get('/slow', async () => { await once(gate, 'open'); return 'late' })
    }
  })
  const gate = new EventEmitter()
  const listener = new Listener(built.app)
  await listener.listen({ ...HTTP, host })
  cleanUp(async () => {
    gate.emit('open')
    await listener.close()
  })
  const { port } = built.app.server.address() as AddressInfo
  return { ...built, listener, port, open: () => gate.emit('open') }
}

async function get (
  host: string,
  port: number,
  path = '/',
  agent: Agent | false = false
): Promise<{ status: number; body: string }> {
  const [response] = (await once(httpRequest({ host, port, path, agent }).end(), 'response')) as [
    IncomingMessage
  ]
  return { status: response.statusCode!, body: await text(response) }
}

const isRefused = async (host: string, port: number) =>
  await get(host, port).then(() => false, ({ code }) => code === 'ECONNREFUSED')

describe('HOST=localhost', () => {
  test('listens on every loopback address only, and logs them', async () => {
    const { port, service } = await listen('localhost')
    for (const host of LOOPBACK) {
      expect(await get(host, port)).toEqual({ status: 200, body: host })
    }
    for (const host of OTHERS) expect([host, await isRefused(host, port)]).toEqual([host, true])
    expect(
      service.lines.filter(({ msg }) => String(msg).includes('listening')).map(({ msg }) => msg)
    ).toEqual(
      LOOPBACK.map(
        host => `HTTP server listening at http://${isIPv6(host) ? `[${host}]` : host}:${port}`
      )
    )
  })

  test.each(LOOPBACK)(
    'on %s limits connections and responds to malformed requests',
    async host => {
      const { port } = await listen('localhost', { env: { MAX_CONNECTIONS: '2' } })
      const dial = async () => {
        const socket = connect(port, host).on('error', () => {})
        cleanUp(() => { socket.destroy() })
        await once(socket, 'connect')
        return socket
      }
      const malformed = await dial()
      malformed.write('SSH-2.0-x\r\n')
      expect(await text(malformed)).toMatch(
        /^HTTP\/1\.1 400 Bad Request\r\nContent-Type: application\/problem\+json/
      )
      await Promise.all([dial(), dial()]) // without a request
      const third = await dial()
      third.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
      expect(await text(third).catch(({ code }) => code)).toMatch(/^$|^ECONNRESET$/)
    }
  )

  test.each(LOOPBACK)(
    'close finishes requests in flight on %s, and leaves no socket',
    async host => {
      const { port, listener, open } = await listen('localhost')
      const agent = new Agent({ keepAlive: true })
      cleanUp(() => { agent.destroy() })
      await get(host, port, '/', agent) // stays open
      const unused = connect(port, host)
      await once(unused, 'connect')
      const slow = get(host, port, '/slow')
      await get(host, port) // earlier data has arrived
      const closed = listener.close()
      let isClosed = false
      void closed.then(() => { isClosed = true })
      await once(unused, 'close')
      expect(isClosed).toBe(false)
      open()
      expect(await slow).toEqual({ status: 200, body: 'late' })
      await closed
      for (const address of LOOPBACK) expect(await isRefused(address, port)).toBe(true)
    }
  )

  test('reports which address is in use', async () => {
    for (const host of LOOPBACK) {
      const other = createServer().listen(0, host)
      cleanUp(() => { other.close() })
      await once(other, 'listening')
      const { app } = await build()
      const listening = new Listener(app).listen({
        ...HTTP,
        host: 'localhost',
        port: (other.address() as AddressInfo).port
      })
      await expect(listening).rejects.toThrow(
        /^Port \d+ on localhost \(PORT\) is in use by .+ set PORT to another port\.$/
      )
    }
  })

  test.each(['EADDRNOTAVAIL', 'EAFNOSUPPORT'])('is 127.0.0.1 if ::1 fails with %s', async code => {
    const { app, service } = await build()
    await new Listener(app, (() => brokenServer(code)) as unknown as typeof createServer).listen({
      ...HTTP,
      host: 'localhost'
    })
    expect(service.lines.filter(({ msg }) => String(msg).includes('listening'))).toHaveLength(1)
  })
})

describe('HOST=::', () => {
  test('listens on every address of this computer, IPv4 included', async () => {
    const { port } = await listen('::')
    for (const host of [...LOOPBACK, ...OTHERS]) {
      expect([host, (await get(host, port)).status]).toEqual([host, 200])
    }
  })
})

describe('without an address family:', () => {
  test.each([
    ['::', 'EAFNOSUPPORT', '0.0.0.0'],
    ['::', 'EADDRNOTAVAIL', '0.0.0.0'],
    ['::', 'EADDRINUSE', undefined],
    ['::', 'EACCES', undefined],
    ['localhost', 'EAFNOSUPPORT', '::1'],
    ['localhost', 'EADDRNOTAVAIL', '::1'],
    ['localhost', 'EADDRINUSE', undefined]
  ])(
    'HOST=%s: if the first address fails with %s, the service listens at %s',
    async (host, code, fallback) => {
      const tried: string[] = []
      const app = {
        server: new EventEmitter(),
        listen: async ({ host }: { host: string }) => {
          tried.push(host)
          if (tried.length === 1) throw systemError(code)
        }
      }
      const listener = new Listener(app as unknown as App)
      const listening = listener.listen({ ...HTTP, host, port: 3000 })
      if (fallback) await listening
      else await expect(listening).rejects.toBeInstanceOf(ListenError)
      expect(tried.slice(1)).toEqual(fallback ? [fallback] : [])
    }
  )
})

function systemError (code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`listen ${code}`), { code, syscall: 'listen' })
}

/** A server on an unavailable address. */
function brokenServer (code: string) {
  const server = Object.assign(new EventEmitter(), {
    listening: false,
    listen: () => { void setImmediate().then(() => server.emit('error', systemError(code))) }
  })
  return server
}
