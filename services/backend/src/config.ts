import { ServiceSettings, type ConfigOf, type Settings } from '@guestbook/service-kit/config'

export const ConfigSchema = {
  ...ServiceSettings,
  PORT: {
    type: 'integer',
    minimum: 0,
    maximum: 65535,
    default: 3001,
    description: 'Port of the public API. 0 picks a free port.'
  },
  MANAGEMENT_PORT: { ...ServiceSettings.MANAGEMENT_PORT, default: 9301 },
  MONGODB_URI: {
    type: 'string',
    pattern: '^mongodb(\\+srv)?://',
    secret: true,
    description:
      'Connection string of a MongoDB replica set, including the database. Without it the ' +
      'service uses the embedded SQLite store.'
  },
  DATA_DIR: {
    type: 'string',
    minLength: 1,
    default: '.data',
    description: 'Folder of the embedded store. One process may use it at a time.'
  },
  MODERATOR_TOKEN: {
    type: 'string',
    minLength: 16,
    secret: true,
    chart: { value: 'moderatorToken' },
    description:
      'Bearer token for hiding, restoring and reading hidden messages. Moderation is disabled ' +
      'without it.'
  }
} as const satisfies Settings

export type Config = ConfigOf<typeof ConfigSchema>

/** TRUST_PROXY names the frontend's addresses: a page and its backend calls share a trace. */
export const traceCallers = ({ TRUST_PROXY }: Pick<Config, 'TRUST_PROXY'>) => TRUST_PROXY
