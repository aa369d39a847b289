/** The settings of each service, by the service's name. */
import type { Settings } from '@guestbook/service-kit/config'
import { ConfigSchema as backend } from '../services/backend/src/config.ts'
import { ConfigSchema as frontend } from '../services/frontend/src/config.ts'

export const SETTINGS: Readonly<Record<string, Settings>> = { frontend, backend }
