import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { expect, test } from '@jest/globals'
import { describePortError } from '../src/port-error.ts'
import { cleanUp } from './helper.ts'

const wanted = { port: 80, host: 'localhost', origin: 'FRONTEND_PORT', setting: 'FRONTEND_PORT' }
const HOST_HELP = 'Set HOST to one, to localhost (loopback addresses) or to :: (every address).'

test.each([
  [
    'EACCES',
    'Port 80 on localhost (FRONTEND_PORT) may be used by a privileged process only. ' +
      'Set FRONTEND_PORT to a port from 1024 up.'
  ],
  [
    'EADDRNOTAVAIL',
    `HOST=localhost is not an address of this computer (EADDRNOTAVAIL). ${HOST_HELP}`
  ],
  [
    'EAFNOSUPPORT',
    `HOST=localhost is not an address of this computer (EAFNOSUPPORT). ${HOST_HELP}`
  ],
  ['ENOTFOUND', `HOST=localhost is not an address of this computer (ENOTFOUND). ${HOST_HELP}`],
  ['EMFILE', 'Port 80 on localhost (FRONTEND_PORT) cannot be used: listen EMFILE.']
])('%s is explained', async (code, explained) => {
  expect(
    await describePortError(Object.assign(new Error(`listen ${code}`), { code }), wanted)
  ).toBe(explained)
})

test('a port in use is explained with the process and the setting to change', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  cleanUp(() => { server.close() })
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const error = Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE' })
  const explained = await describePortError(error, {
    port,
    host: '127.0.0.1',
    origin: 'BACKEND_PORT + 6300',
    setting: 'BACKEND_PORT'
  })
  expect(explained).toMatch(/^Port \d+ on 127\.0\.0\.1 \(BACKEND_PORT \+ 6300\) is in use by /)
  const [, owner] =
    /in use by (.+)\. Stop that process, or set BACKEND_PORT to another port\.$/.exec(explained)!
  expect(owner).toMatch(new RegExp(`^(another process|process ${process.pid} \\(.*node.*\\))$`))
})
