import { expect, test } from '@jest/globals'
import { loadConfig } from '@guestbook/service-kit'
import { port, SERVICE_SETTINGS, settingsContract } from '@guestbook/service-kit/testing/settings'
import { ConfigSchema } from '../src/config.ts'

settingsContract(ConfigSchema, {
  ...SERVICE_SETTINGS,
  PORT: port(3000),
  MANAGEMENT_PORT: port(9300),
  BACKEND_URL: {
    defaultValue: 'http://127.0.0.1:3001',
    valid: ['http://backend:3001', 'https://backend.example'],
    invalid: ['backend:3001', 'ftp://backend', 'http://']
  },
  PUBLIC_ORIGIN: {
    valid: ['https://guestbook.example', 'https://guestbook.example, http://localhost:3000'],
    invalid: ['guestbook.example', 'https://guestbook.example/path', 'https://guestbook.example,']
  }
})

test('an unset optional setting is absent, not empty', () => {
  expect(loadConfig(ConfigSchema, { PUBLIC_ORIGIN: '' })).not.toHaveProperty('PUBLIC_ORIGIN')
})
