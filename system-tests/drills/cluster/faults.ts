/** Faults of a real cluster. Each can be ended twice, and also when it began only half. */
import { getJson, kubectl } from './kubectl.ts'

export interface Fault { begin: () => Promise<void>, end: () => Promise<void> }

const GUESTBOOK = '--namespace=guestbook'
const BACKUP = 'guestbook-mongodb-backup'

/** No replica is left of it. */
export function scaledAway (namespace: string, workload: string): Fault {
  const here = `--namespace=${namespace}`
  let replicas = 1
  return {
    begin: async () => {
      replicas = (await getJson<{ spec: { replicas: number } }>(workload, here)).spec.replicas || 1
      await kubectl('scale', workload, '--replicas=0', here)
    },
    end: async () => {
      await kubectl('scale', workload, `--replicas=${replicas}`, here)
      await kubectl('rollout', 'status', workload, '--timeout=3m', here)
    }
  }
}

/** Told to its operator, which would bring back what is scaled away. */
export function prometheusStopped (): Fault {
  const prometheus = ['prometheus/kps-prometheus', '--namespace=monitoring']
  let replicas = 1
  const scale = async (count: number) => {
    await kubectl(
      'patch',
      ...prometheus,
      '--type=merge',
      `--patch=${JSON.stringify({ spec: { replicas: count } })}`
    )
  }
  return {
    begin: async () => {
      replicas = (await getJson<{ spec: { replicas?: number } }>(...prometheus)).spec.replicas || 1
      await scale(0)
    },
    end: async () => { await scale(replicas) }
  }
}

/** A setting that the frontend refuses: the pods of before go on, the new one crashes. Undone as its runbook says. */
export const wrongSetting: Fault = {
  begin: async () => {
    await kubectl('set', 'env', 'deployment/guestbook-frontend', 'LOG_LEVEL=drill', GUESTBOOK)
  },
  end: async () => {
    const template = await kubectl(
      'get',
      'deployment/guestbook-frontend',
      GUESTBOOK,
      '--output=jsonpath={.spec.template.spec.containers[0].env}'
    )
    if (!template.includes('"value":"drill"')) return
    await kubectl('rollout', 'undo', 'deployment/guestbook-frontend', GUESTBOOK)
    await kubectl('rollout', 'status', 'deployment/guestbook-frontend', '--timeout=3m', GUESTBOOK)
  }
}

/** As if nothing had been backed up for 29 hours. Ended as its runbook says. */
export const backupOverdue: Fault = {
  begin: async () => {
    const lastSuccessfulTime = new Date(Date.now() - 29 * 3_600_000)
      .toISOString()
      .replace(/\.\d+/, '')
    await kubectl(
      'patch',
      'cronjob',
      BACKUP,
      GUESTBOOK,
      '--subresource=status',
      '--type=merge',
      `--patch=${JSON.stringify({ status: { lastSuccessfulTime } })}`
    )
  },
  end: async () => {
    await kubectl('delete', 'job/backup-now', '--ignore-not-found', GUESTBOOK)
    await kubectl('create', 'job', 'backup-now', `--from=cronjob/${BACKUP}`, GUESTBOOK)
    await kubectl('wait', 'job/backup-now', '--for=condition=Complete', '--timeout=3m', GUESTBOOK)
    await kubectl('delete', 'job/backup-now', GUESTBOOK)
  }
}

export const hasBackups = async (): Promise<boolean> =>
  await kubectl('get', 'cronjobs', GUESTBOOK, '--output=name').then(names =>
    names.includes(BACKUP)
  )
