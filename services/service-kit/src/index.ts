export { createApp, type App } from './app.ts'
export { requireBearer } from './bearer.ts'
export { coalesce } from './coalesce.ts'
export { loadConfig, type ServiceConfig } from './config.ts'
export type { DescribeClientError } from './connections.ts'
export { Overloaded } from './load-shedding.ts'
export type { Fault, Faults } from './faults.ts'
export type { Logger } from './logger.ts'
export { createManagementApp } from './management.ts'
export { isUnchanged } from './conditional.ts'
export { LATENCY_BUCKETS, type Metrics } from './metrics.ts'
export { originOf, originsOf } from './origin.ts'
export {
  invalidInput,
  pointerTo,
  problemErrors,
  ProblemError,
  ProblemSchema,
  type FieldError,
  type Problem
} from './problem.ts'
export { clientAddress } from './client-address.ts'
export { run } from './run.ts'
export { securityHeaders } from './security-headers.ts'
export { createService, type Service } from './service.ts'
export { TIME_BUDGET } from './time-budget.ts'
export { newTraceId, traceHeaders } from './trace-context.ts'
export type { Tracing } from './tracing.ts'
