import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { Gauge } from 'prom-client'
import type { FromSchema, JSONSchema } from 'json-schema-to-ts'
import { requireBearer } from './bearer.ts'
import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'

/** An injected fault. The expiry is required, so that no fault is forgotten. */
export const FaultSchema = {
  type: 'object',
  properties: {
    latencyMs: {
      type: 'integer',
      minimum: 1,
      maximum: 60_000,
      description: 'Delay of every request in milliseconds.'
    },
    errorRate: {
      type: 'number',
      exclusiveMinimum: 0,
      maximum: 1,
      description: 'Share of requests that fail with status 500.'
    },
    storeDown: {
      type: 'boolean',
      description:
        "Makes the service's dependency unavailable (backend: the store, frontend: the backend)."
    },
    expiresInSeconds: {
      type: 'integer',
      minimum: 1,
      maximum: 3600,
      description: 'Seconds until the fault ends.'
    }
  },
  required: ['expiresInSeconds'],
  additionalProperties: false
} as const satisfies JSONSchema

export type Fault = FromSchema<typeof FaultSchema>

/** The active fault of one process, if any. */
export class Faults {
  #fault: Omit<Fault, 'expiresInSeconds'> = {}
  #expiresAt: Date | undefined
  #expiry: NodeJS.Timeout | undefined
  readonly #log: Logger
  readonly #active: Gauge

  constructor (log: Logger, metrics: Metrics) {
    this.#log = log
    this.#active = new Gauge({
      name: 'guestbook_fault_active',
      help: '1 while an injected fault of this kind is on.',
      labelNames: ['fault'],
      registers: metrics.registers
    })
    this.#updateGauges()
  }

  get storeDown (): boolean { return this.#fault.storeDown ?? false }
  get state () { return { ...this.#fault, expiresAt: this.#expiresAt?.toISOString() ?? null } }

  set ({ expiresInSeconds, ...fault }: Fault): void {
    clearTimeout(this.#expiry)
    this.#fault = fault
    this.#expiresAt = new Date(Date.now() + expiresInSeconds * 1000)
    this.#expiry = setTimeout(() => { this.clear('expired') }, expiresInSeconds * 1000).unref()
    this.#updateGauges()
    this.#log.warn({ fault, expiresAt: this.#expiresAt }, 'fault switched on')
  }

  clear (reason = 'cleared'): void {
    clearTimeout(this.#expiry)
    if (this.#expiresAt) this.#log.warn({ reason }, 'fault switched off')
    this.#fault = {}
    this.#expiresAt = undefined
    this.#updateGauges()
  }

  get isOn (): boolean { return this.#expiresAt !== undefined }

  /** Delays or fails one request. */
  async apply (): Promise<void> {
    const { latencyMs, errorRate } = this.#fault
    if (latencyMs) await sleep(latencyMs)
    if (errorRate && Math.random() < errorRate) throw new Error('injected fault')
  }

  #updateGauges (): void {
    this.#active.set({ fault: 'latency' }, this.#fault.latencyMs ? 1 : 0)
    this.#active.set({ fault: 'error' }, this.#fault.errorRate ? 1 : 0)
    this.#active.set({ fault: 'store_down' }, this.#fault.storeDown ? 1 : 0)
  }
}

/** Applies the active fault to every request except probes. */
export const faultInjection = fp<{ faults: Faults }>(async (app, { faults }) => {
  app.addHook('preHandler', (request, _reply, done) => {
    if (!faults.isOn || request.routeOptions.config.metrics === false) done()
    else faults.apply().then(() => { done() }, done)
  })
}, { name: 'fault-injection' })

/** Endpoints to inject faults, for the management port. */
export async function faultRoutes (
  app: FastifyInstance,
  { faults, token }: { faults: Faults; token: string | undefined }
): Promise<void> {
  app.addHook('preHandler', requireBearer(token, 'FAULTS_TOKEN'))
  app.get('/faults', async () => faults.state)
  app.put<{ Body: Fault }>('/faults', { schema: { body: FaultSchema } }, async request => {
    faults.set(request.body)
    return faults.state
  })
  app.delete('/faults', async () => {
    faults.clear()
    return faults.state
  })
}
