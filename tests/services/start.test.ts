import { describe, expect, test } from '@jest/globals'
import { once } from 'node:events'
import { createServer, isIPv6, type AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { cleanUp, temporaryFolder } from '@guestbook/service-kit/testing'
import {
  ServiceProcess, startService, type ServiceName
} from '../../system-tests/lib/service-process.ts'

/** Some machines have no IPv6. */
const hasIPv6 = Object.values(networkInterfaces()).flat().some(entry => entry?.family === 'IPv6')

const SERVICES: ServiceName[] = ['backend', 'frontend']

/** Invalid values; those of secrets must not be printed. */
const INVALID = {
  backend: {
    MONGODB_URI: 'mysql://someone:opensesame@db/guestbook',
    MODERATOR_TOKEN: 'opensesame'
  },
  frontend: { BACKEND_URL: 'the backend' }
}

async function portInUse (address: string): Promise<string> {
  const server = createServer()
  server.listen(0, address)
  await once(server, 'listening')
  cleanUp(() => { server.close() })
  return String((server.address() as AddressInfo).port)
}

describe.each(SERVICES)('the %s', name => {
  test.each(
    [
      ['PORT', '127.0.0.1', 'localhost'],
      ['PORT', '::1', 'localhost'],
      ['MANAGEMENT_PORT', '127.0.0.1', 'localhost'],
      ['MANAGEMENT_PORT', '::1', 'localhost'],
      ['PORT', '127.0.0.1', '127.0.0.1'],
      ['MANAGEMENT_PORT', '::', '::']
    ].filter(([, address]) => hasIPv6 || !isIPv6(address!)) as Array<[string, string, string]>
  )(
    'exits with status 1 when its %s is in use on %s, for HOST=%s',
    async (setting, address, HOST) => {
      const port = await portInUse(address)
      const service = new ServiceProcess(name, {
        env: { HOST, [setting]: port, DATA_DIR: temporaryFolder() }
      })
      expect(await service.ended).toBe(1)
      expect(service.stderr).toMatch(
        new RegExp(
          `^Port ${port} on ${HOST} \\(${setting}\\) is in use by ` +
            `(another process|process ${process.pid} \\(.+\\))\\. ` +
            `Stop that process, or set ${setting} to another port\\.\n$`
        )
      )
      expect(service.lines.map(({ msg }) => msg)).not.toContain('ready')
    }
  )

  test('exits with status 1 and a list of all invalid settings', async () => {
    const env = {
      PORT: '70000',
      MANAGEMENT_PORT: 'http',
      LOG_LEVEL: 'loud',
      TRUST_PROXY: 'everyone',
      SHUTDOWN_DELAY_MS: '-1',
      FAULTS_TOKEN: 'opensesame',
      ...INVALID[name]
    }
    const service = new ServiceProcess(name, { env })
    expect(await service.ended).toBe(1)
    expect(service.lines).toEqual([])
    const [title, ...problems] = service.stderr.trimEnd().split('\n')
    expect(title).toBe('Invalid configuration:')
    expect(new Set(problems.map(problem => /^ {2}- (\w+)=/.exec(problem)?.[1]))).toEqual(
      new Set(Object.keys(env))
    )
    expect(service.stderr).not.toContain('opensesame')
  })
})

test('an address that is not of this machine is an error that explains HOST', async () => {
  const service = new ServiceProcess('frontend', { env: { HOST: '192.0.2.1' } })
  expect(await service.ended).toBe(1)
  expect(service.stderr).toBe(
    'HOST=192.0.2.1 is not an address of this computer (EADDRNOTAVAIL). ' +
      'Set HOST to one, to localhost (loopback addresses) or to :: (every address).\n'
  )
})

test('a data folder that another backend uses is an error that names it', async () => {
  const env = { DATA_DIR: temporaryFolder() }
  await startService('backend', { env })
  const second = new ServiceProcess('backend', { env })
  expect(await second.ended).toBe(1)
  expect(second.stderr).toContain(
    `The data folder ${env.DATA_DIR} cannot be used: another process uses it.`
  )
})
