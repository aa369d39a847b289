/** Exporters of what this computer has not: a cluster, and mongodb_exporter where it is not on the PATH. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { connect } from 'node:net'
import { MongoClient } from 'mongodb'

export async function serveMetrics (
  port: number,
  page: () => string | Promise<string>
): Promise<Server> {
  const server = createServer((_request, response) => {
    void Promise.resolve(page()).then(
      text => response.setHeader('content-type', 'text/plain; version=0.0.4').end(text),
      () => response.writeHead(500).end()
    )
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

/** What kube-state-metrics and the kubelet tell of one pod, one volume and one CronJob. */
export class ClusterMetrics {
  crashing = false
  volumeLeft = 0.6
  hoursSinceBackup = 3

  page = (): string => {
    const pod = 'namespace="guestbook",pod="guestbook-backend-0",container="backend"'
    const volume = 'namespace="guestbook",persistentvolumeclaim="data-guestbook-mongodb-0"'
    return [
      ...(this.crashing
        ? [`kube_pod_container_status_waiting_reason{${pod},reason="CrashLoopBackOff"} 1`]
        : []),
      `kubelet_volume_stats_available_bytes{${volume}} ${this.volumeLeft * 8e9}`,
      `kubelet_volume_stats_capacity_bytes{${volume}} 8e9`,
      `kube_cronjob_status_last_successful_time{namespace="guestbook",cronjob="guestbook-mongodb-backup"} ${Math.round(Date.now() / 1000 - this.hoursSinceBackup * 3600)}`,
      ''
    ].join('\n')
  }
}

/** The two metrics of mongodb_exporter that alerts look at. Closing the server closes the connection, which would keep the program from ending. */
export async function serveMongodbMetrics (
  uri: string,
  mongodPort: number,
  port: number
): Promise<Server> {
  const client = new MongoClient(uri, { serverSelectionTimeoutMS: 300 })
  const page = async () => {
    const answers = await new Promise<boolean>(resolve => {
      const socket = connect(mongodPort, '127.0.0.1', () => {
        socket.destroy()
        resolve(true)
      }).once('error', () => {
        resolve(false)
      })
    })
    const status = answers
      ? await client
        .db('admin')
        .command({ serverStatus: 1 })
        .catch(() => undefined)
      : undefined
    const connections = Object.entries(status?.connections ?? {}).map(
      ([type, count]) => `mongodb_ss_connections{conn_type="${type}"} ${String(count)}`
    )
    return [`mongodb_up{cluster_role="mongod"} ${status ? 1 : 0}`, ...connections, ''].join('\n')
  }
  return (await serveMetrics(port, page)).once('close', () => {
    void client.close()
  })
}
