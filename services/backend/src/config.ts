import { ServiceSettings, type ConfigOf, type Settings } from '@guestbook/service-kit/config'

export const ConfigSchema = {
  ...ServiceSettings,
  PORT: {
    type: 'integer',
    minimum: 0,
    maximum: 65535,
    default: 3001,
    description: 'Port of the public API. 0 takes a free one.'
  },
  MANAGEMENT_PORT: { ...ServiceSettings.MANAGEMENT_PORT, default: 9301 },
  MONGODB_URI: {
    type: 'string',
    pattern: '^mongodb(\\+srv)?://',
    secret: true,
    description:
      'Connection string of a MongoDB replica set, its database included. Unset means the embedded SQLite store.'
  },
  DATA_DIR: {
    type: 'string',
    minLength: 1,
    default: '.data',
    description: 'Folder of the embedded store. Used by one process at a time.'
  },
  MODERATOR_TOKEN: {
    type: 'string',
    minLength: 16,
    secret: true,
    description:
      'Bearer token that may hide and restore messages, and read hidden ones. Without it moderation is off.'
  }
} as const satisfies Settings

export type Config = ConfigOf<typeof ConfigSchema>

/** The frontend's addresses, which TRUST_PROXY names: a page and the calls it needs are one trace. */
export const traceCallers = ({ TRUST_PROXY }: Pick<Config, 'TRUST_PROXY'>) => TRUST_PROXY
