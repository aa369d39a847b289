import { expect, test } from '@jest/globals'
import { loadConfig, ServiceSettings } from '../src/config.ts'
import type { Logger } from '../src/index.ts'
import { createTestService } from '../testing/index.ts'

function logged (level: string, write: (log: Logger) => void) {
  const config = loadConfig(ServiceSettings, { LOG_LEVEL: level })
  const { log, lines } = createTestService('some-service', config)
  write(log)
  return lines
}

test('a line is JSON with level as a word, time as ISO 8601 and the service', () => {
  expect(logged('info', log => { log.warn({ some: 'field' }, 'words') })).toEqual([
    {
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      service: 'some-service',
      some: 'field',
      msg: 'words'
    }
  ])
})

test('lines below the level are not written', () => {
  expect(
    logged('warn', log => {
      log.debug('d')
      log.info('i')
      log.warn('w')
      log.error('e')
    }).map(({ msg }) => msg)
  ).toEqual(['w', 'e'])
})

test('credentials are redacted, also inside errors of libraries', () => {
  const headers = { authorization: 'Bearer SECRET', cookie: 'visitor=SECRET' }
  const lines = logged('info', log => {
    log.info(headers)
    log.info({ headers })
    log.info({ request: headers })
    log.info({ request: { headers } })
    const failed = (details: object) => Object.assign(new Error('failed'), details)
    log.error({ err: failed({ headers }) })
    log.error({ err: failed({ request: { headers }, authorization: 'SECRET', cookie: 'SECRET' }) })
    log.error(failed({ response: { headers: ['authorization', 'SECRET'] } }))
    log.child({ authorization: 'SECRET' }).info('child')
  })
  expect(lines).toHaveLength(8)
  expect(JSON.stringify(lines)).not.toContain('SECRET')
  expect(JSON.stringify(lines)).toContain('[Redacted]')
})

test('an error is written with its type, message, stack and cause', () => {
  const [line] = logged('info', log => {
    log.error({ err: new TypeError('outer', { cause: new Error('inner') }) }, 'failed')
  })
  expect(line?.err).toEqual({
    type: 'TypeError',
    message: 'outer: inner',
    stack: expect.stringContaining('caused by: Error: inner')
  })
})
