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
    description: "Where the backend's public API is."
  },
  PUBLIC_ORIGIN: {
    type: 'string',
    format: 'origins',
    chart: { value: 'publicOrigin' },
    description:
      'Origins at which visitors see the pages, such as https://guestbook.example, ' +
      'separated by commas. Needed behind a proxy that rewrites the Host header: forms are ' +
      'taken from these and from the host that a request names. The first is in canonical links.'
  }
} as const satisfies Settings

export type Config = ConfigOf<typeof ConfigSchema>
