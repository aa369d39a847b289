import { ServiceSettings, type ConfigOf, type Settings } from '@guestbook/service-kit/config'

export const ConfigSchema = {
  ...ServiceSettings,
  PORT: { type: 'integer', minimum: 0, maximum: 65535, default: 3000, description: 'Port of the pages. 0 takes a free one.' },
  BACKEND_URL: { type: 'string', format: 'url', pattern: '^https?://', default: 'http://127.0.0.1:3001', description: 'Where the backend\'s public API is.' }
} as const satisfies Settings

export type Config = ConfigOf<typeof ConfigSchema>
