/** Faults of a real cluster. Each can be ended twice, and also when it began only partly. */
import type { Kubectl } from '../../lib/kubectl.ts'
import { guestbook, inNamespace, monitoring } from './namespaces.ts'

export interface Fault { begin: () => Promise<void>, end: () => Promise<void> }

interface Scalable { spec: { replicas?: number } }

const FRONTEND = 'deployment/guestbook-frontend'
const BACKUP = 'guestbook-mongodb-backup'

/** Scales a workload to zero. */
export function scaledToZero (namespace: string, workload: string): Fault {
  const { getJson, rolledOut, scale } = inNamespace(namespace)
  let replicas = 1
  return {
    begin: async () => {
      replicas = (await getJson<Scalable>(workload)).spec.replicas || 1
      await scale(workload, 0)
    },
    end: async () => {
      await scale(workload, replicas)
      await rolledOut(workload)
    }
  }
}

async function patch (
  kubectl: Kubectl,
  object: string,
  change: object,
  ...args: string[]
): Promise<void> {
  await kubectl.run('patch', object, ...args, '--type=merge', `--patch=${JSON.stringify(change)}`)
}

/** Stops Prometheus through its operator, which would restart a workload that is scaled to zero. */
export function prometheusStopped (): Fault {
  const prometheus = 'prometheus/kps-prometheus'
  let replicas = 1
  return {
    begin: async () => {
      replicas = (await monitoring.getJson<Scalable>(prometheus)).spec.replicas || 1
      await patch(monitoring, prometheus, { spec: { replicas: 0 } })
    },
    end: async () => { await patch(monitoring, prometheus, { spec: { replicas } }) }
  }
}

/** A setting that the frontend rejects. Its new pod crashes. Ended as the runbook says. */
export const invalidSetting: Fault = {
  begin: async () => { await guestbook.run('set', 'env', FRONTEND, 'LOG_LEVEL=drill') },
  end: async () => {
    const env = await guestbook.read(FRONTEND, '{.spec.template.spec.containers[0].env}')
    if (!env.includes('"value":"drill"')) return
    await guestbook.run('rollout', 'undo', FRONTEND)
    await guestbook.rolledOut(FRONTEND)
  }
}

/** The last backup seems to be 29 hours old. Ended as the runbook says. */
export const backupOverdue: Fault = {
  begin: async () => {
    const lastSuccessfulTime = new Date(Date.now() - 29 * 3_600_000)
      .toISOString()
      .replace(/\.\d+/, '')
    await patch(
      guestbook,
      `cronjob/${BACKUP}`,
      { status: { lastSuccessfulTime } },
      '--subresource=status'
    )
  },
  end: async () => {
    await guestbook.run('delete', 'job/backup-now', '--ignore-not-found')
    await guestbook.run('create', 'job', 'backup-now', `--from=cronjob/${BACKUP}`)
    await guestbook.wait('job/backup-now', 'condition=Complete', '3m')
    await guestbook.run('delete', 'job/backup-now')
  }
}

export const hasBackups = async (): Promise<boolean> =>
  (await guestbook.run('get', 'cronjobs', '--output=name')).includes(BACKUP)
