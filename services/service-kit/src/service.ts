import type { DestinationStream } from 'pino'
import type { ServiceConfig } from './config.ts'
import { Faults } from './faults.ts'
import { Health } from './health.ts'
import { createLogger, type Logger } from './logger.ts'
import { createMetrics, type Metrics } from './metrics.ts'

/** The parts that exist once per process. */
export interface Service {
  readonly name: string
  readonly config: ServiceConfig
  readonly log: Logger
  readonly metrics: Metrics
  readonly health: Health
  readonly faults: Faults
}

export function createService (
  name: string,
  config: ServiceConfig,
  logDestination?: DestinationStream
): Service {
  const log = createLogger(name, config, logDestination)
  const metrics = createMetrics(name, config)
  return { name, config, log, metrics, health: new Health(log), faults: new Faults(log, metrics) }
}
