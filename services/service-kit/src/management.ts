import { fastify, LogController } from 'fastify'
import fastifyMetrics from 'fastify-metrics'
import promClient from 'prom-client'
import { faultRoutes } from './faults.ts'
import { healthRoutes } from './health.ts'
import { problemErrors } from './problem.ts'
import type { Service } from './service.ts'
import { schemaController } from './validation.ts'

/** The server for operators: metrics, probes and fault injection. Never behind the ingress. */
export async function createManagementApp ({ config, log, metrics, health, faults }: Service) {
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    schemaController: schemaController()
  })
  await app.register(problemErrors)
  await app.register(fastifyMetrics.default, {
    endpoint: '/metrics',
    routeMetrics: { enabled: false }, // observeRequests counts them, with exemplars
    defaultMetrics: { enabled: true, register: metrics.registry },
    promClient: { ...promClient, register: metrics.registry } // instead of the global registry
  })
  await app.register(healthRoutes, { health })
  await app.register(faultRoutes, { faults, token: config.FAULTS_TOKEN })
  return app
}
