import { fastify, LogController } from 'fastify'
import fastifyMetrics from 'fastify-metrics'
import promClient from 'prom-client'
import { faultRoutes } from './faults.ts'
import { healthRoutes } from './health.ts'
import { problemErrors } from './problem.ts'
import type { Service } from './service.ts'
import { schemaController } from './validation.ts'

/** The listener for machines and operators: `/metrics`, probes and the fault switch. Never behind the ingress. */
export async function createManagementApp ({ config, log, metrics, health, faults }: Service) {
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    schemaController: schemaController()
  })
  await app.register(problemErrors)
  await app.register(fastifyMetrics.default, {
    endpoint: '/metrics',
    routeMetrics: { enabled: false }, // observeRequests does it, with exemplars
    defaultMetrics: { enabled: true, register: metrics.registry },
    promClient: { ...promClient, register: metrics.registry } // else it would serve a second, global registry
  })
  await app.register(healthRoutes, { health })
  await app.register(faultRoutes, { faults, token: config.FAULTS_TOKEN })
  return app
}
