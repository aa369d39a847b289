import { ServiceSettings } from '@guestbook/service-kit/config'
import { Type, type Static } from 'typebox'

export const ConfigSchema = Type.Object({
  ...ServiceSettings,
  PORT: Type.Integer({ minimum: 0, maximum: 65535, default: 3001, description: 'Port of the public API. 0 takes a free one.' }),
  MANAGEMENT_PORT: Type.Integer({ ...ServiceSettings.MANAGEMENT_PORT, default: 9301 }),
  MONGODB_URI: Type.Optional(Type.String({ pattern: '^mongodb(\\+srv)?://', secret: true, description: 'Connection string of a MongoDB replica set, its database included. Unset means the embedded SQLite store.' })),
  DATA_DIR: Type.String({ minLength: 1, default: '.data', description: 'Folder of the embedded store. Used by one process at a time.' }),
  MODERATOR_TOKEN: Type.Optional(Type.String({ minLength: 16, secret: true, description: 'Bearer token that may hide and restore messages. Without it moderation is off.' }))
})

export type Config = Static<typeof ConfigSchema>
