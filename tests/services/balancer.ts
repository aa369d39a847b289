import { setTimeout as sleep } from 'node:timers/promises'
import { cleanUp } from '@guestbook/service-kit/testing'
import { type ServiceProcess } from '../../system-tests/lib/service-process.ts'
import { statusOf } from './requests.ts'

const PROBE_INTERVAL_MS = 100

/** Round robin over the instances that passed their last readiness probe, as in Kubernetes. */
export function startBalancer (instances: ServiceProcess[]) {
  const ready = new Set(instances)
  const stopped = new AbortController()
  let count = 0

  async function probe (): Promise<void> {
    while (!stopped.signal.aborted) {
      for (const instance of instances) {
        const status = await statusOf(`${instance.managementUrl}/ready`).catch(() => 0)
        if (status === 200) ready.add(instance)
        else ready.delete(instance)
      }
      await sleep(PROBE_INTERVAL_MS)
    }
  }
  const probing = probe()
  cleanUp(async () => {
    stopped.abort()
    await probing
  })
  return {
    /** Instances can be added. */
    instances,
    ready: ready as ReadonlySet<ServiceProcess>,
    choose: (): string => {
      const instance = [...ready][count++ % ready.size]
      if (!instance) throw new Error('No instance is ready.')
      return instance.url
    }
  }
}
