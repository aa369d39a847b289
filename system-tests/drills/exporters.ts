/** Exporters that replace those of a cluster, and mongodb_exporter where it is not installed. */
import { once } from 'node:events'
import type { Server } from 'node:http'
import { connect } from 'node:net'
import { MongoClient } from 'mongodb'
import { serveMetrics } from '../lib/metrics.ts'

/** Metrics of kube-state-metrics and the kubelet for one pod, one volume and one CronJob. */
export class ClusterMetrics {
  crashing = false
  volumeLeft = 0.6
  hoursSinceBackup = 3

  page = (): string => {
    const pod = 'namespace="guestbook",pod="guestbook-backend-0",container="backend"'
    const volume = 'namespace="guestbook",persistentvolumeclaim="data-guestbook-mongodb-0"'
    const cronJob = 'namespace="guestbook",cronjob="guestbook-mongodb-backup"'
    const lastBackup = Date.now() / 1000 - this.hoursSinceBackup * 3600
    return [
      ...(this.crashing
        ? [`kube_pod_container_status_waiting_reason{${pod},reason="CrashLoopBackOff"} 1`]
        : []),
      `kubelet_volume_stats_available_bytes{${volume}} ${this.volumeLeft * 8e9}`,
      `kubelet_volume_stats_capacity_bytes{${volume}} 8e9`,
      `kube_cronjob_status_last_successful_time{${cronJob}} ${Math.round(lastBackup)}`,
      ''
    ].join('\n')
  }
}

/** Exposes the metrics of mongodb_exporter that alerts use, until the server is closed. */
export async function serveMongodbMetrics (
  uri: string,
  mongodPort: number,
  port: number
): Promise<Server> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 300 })
  const page = async () => {
    const socket = connect(mongodPort, '127.0.0.1')
    const isUp = await once(socket, 'connect').then(() => true, () => false)
    socket.destroy()
    const status = isUp
      ? await client.db('admin').command({ serverStatus: 1 }).catch(() => undefined)
      : undefined
    const connections = Object.entries(status?.connections ?? {}).map(
      ([type, count]) => `mongodb_ss_connections{conn_type="${type}"} ${String(count)}`
    )
    return [`mongodb_up{cluster_role="mongod"} ${status ? 1 : 0}`, ...connections, ''].join('\n')
  }
  return (await serveMetrics(port, page)).once('close', () => { void client.close() })
}
