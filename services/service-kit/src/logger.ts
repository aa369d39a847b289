import { pino, type DestinationStream, type Logger } from 'pino'
import type { ServiceConfig } from './config.ts'

export type { Logger }

/** JSON lines on stdout: level as a word (it becomes a label in the log store), time as ISO 8601, credentials blanked. */
export function createLogger (
  service: string,
  config: Pick<ServiceConfig, 'LOG_LEVEL'>,
  destination?: DestinationStream
): Logger {
  return pino(
    {
      level: config.LOG_LEVEL,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: label => ({ level: label }) },
      // Nothing logs these on purpose; errors of libraries sometimes carry the request that failed.
      redact: [
        'authorization',
        'cookie',
        '*.authorization',
        '*.cookie',
        '*.headers',
        '*.*.headers'
      ]
    },
    destination ?? pino.destination({ dest: 1, sync: true })
  ) // the last lines of a process must not be lost
}
