import { ServiceSettings, type ConfigOf, type Settings } from '@guestbook/service-kit/config'

export const ConfigSchema = {
  ...ServiceSettings,
  PORT: {
    type: 'integer',
    minimum: 0,
    maximum: 65535,
    default: 3000,
    description: 'Port of the pages. 0 picks a free port.'
  },
  BACKEND_URL: {
    type: 'string',
    format: 'url',
    pattern: '^https?://',
    default: 'http://127.0.0.1:3001',
    chart: {
      value: 'backendUrl',
      default: 'http://guestbook-backend:3001',
      note: 'The network policy allows pods of guestbook-backend in the same namespace only.'
    },
    description: 'URL of the backend.'
  },
  PUBLIC_ORIGIN: {
    type: 'string',
    format: 'origins',
    chart: { value: 'publicOrigin' },
    description:
      'Public origins of the pages, such as https://guestbook.example, separated by commas. ' +
      'Needed behind a proxy that rewrites the Host header: forms must come from one of them, or ' +
      'from the host of the request. Canonical links use the first one.'
  }
} as const satisfies Settings

export type Config = ConfigOf<typeof ConfigSchema>
