import { ServiceSettings } from '@guestbook/service-kit/config'
import { Type, type Static } from 'typebox'

export const ConfigSchema = Type.Object({
  ...ServiceSettings,
  PORT: Type.Integer({ minimum: 0, maximum: 65535, default: 3000, description: 'Port of the pages. 0 takes a free one.' }),
  MANAGEMENT_PORT: Type.Integer({ ...ServiceSettings.MANAGEMENT_PORT, default: 9300 }),
  BACKEND_URL: Type.String({ format: 'url', pattern: '^https?://', default: 'http://127.0.0.1:3001', description: 'Where the backend\'s public API is.' })
})

export type Config = Static<typeof ConfigSchema>
