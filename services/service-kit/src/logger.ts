import { pino, type DestinationStream, type Logger } from 'pino'
import type { ServiceConfig } from './config.ts'

export type { Logger }

/** JSON lines on stdout: level as a word, time as ISO 8601, credentials redacted. */
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
      // Errors of libraries sometimes carry the failed request.
      redact: ['authorization', 'cookie', '*.authorization', '*.cookie', '*.headers', '*.*.headers']
    },
    // Synchronous: the last lines of a process must not be lost.
    destination ?? pino.destination({ dest: 1, sync: true })
  )
}
