import { describe, expect, test } from '@jest/globals'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { cleanUp, ServiceProcess, startService, temporaryFolder, type ServiceName } from './process.ts'

const SERVICES: ServiceName[] = ['backend', 'frontend']

/** Wrong values of all kinds; those of secrets must not be shown. */
const WRONG = {
  backend: { MONGODB_URI: 'mysql://someone:opensesame@db/guestbook', MODERATOR_TOKEN: 'opensesame' },
  frontend: { BACKEND_URL: 'the backend' }
}

async function takenPort (): Promise<string> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUp(() => { server.close() })
  return String((server.address() as AddressInfo).port)
}

describe.each(SERVICES)('the %s', name => {
  test.each(['PORT', 'MANAGEMENT_PORT'])('ends with status 1 and names the port when its %s is in use', async setting => {
    const port = await takenPort()
    const service = new ServiceProcess(name, { env: { [setting]: port, DATA_DIR: temporaryFolder() } })
    expect(await service.ended).toBe(1)
    expect(service.stderr).toContain(`address already in use 127.0.0.1:${port}`)
    expect(service.lines.map(({ msg }) => msg)).not.toContain('ready')
  })

  test('ends with status 1 and one list of every wrong setting', async () => {
    const env = { PORT: '70000', MANAGEMENT_PORT: 'http', LOG_LEVEL: 'loud', TRUST_PROXY: 'everyone', SHUTDOWN_DELAY_MS: '-1', FAULTS_TOKEN: 'opensesame', ...WRONG[name] }
    const service = new ServiceProcess(name, { env })
    expect(await service.ended).toBe(1)
    expect(service.lines).toEqual([])
    const [title, ...problems] = service.stderr.trimEnd().split('\n')
    expect(title).toBe('Wrong settings:')
    expect(new Set(problems.map(problem => /^ {2}- (\w+)=/.exec(problem)?.[1]))).toEqual(new Set(Object.keys(env)))
    expect(service.stderr).not.toContain('opensesame')
  })
})

test('a data folder that another backend uses is refused with its name and the reason', async () => {
  const env = { DATA_DIR: temporaryFolder() }
  await startService('backend', { env })
  const second = new ServiceProcess('backend', { env })
  expect(await second.ended).toBe(1)
  expect(second.stderr).toContain(`The data folder ${env.DATA_DIR} cannot be used: another process uses it.`)
})
