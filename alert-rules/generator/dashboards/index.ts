import type { Slo } from '../slo.ts'
import { endpoints } from './endpoints.ts'
import { logs } from './logs.ts'
import { mongodb } from './mongodb.ts'
import { overview } from './overview.ts'
import type { Dashboard } from './panels.ts'
import { sloDashboard } from './slo.ts'
import { traces } from './traces.ts'

export const dashboards = (slo: Slo): Dashboard[] => [
  overview,
  sloDashboard(slo),
  mongodb,
  logs,
  traces,
  endpoints
]
