import { existsSync, readFileSync, statfsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { parse } from 'yaml'
import { expandHome } from '../../src/config/load.ts'
import type { Context } from '../context.ts'
import { capture } from '../exec.ts'
import { terraformBinary } from '../terraform.ts'
import type { Probes } from './checks.ts'

/** The facts about this computer. */
export function probesOf (context: Context): Probes {
  const docker = (...args: string[]) => capture(context, 'docker', ...args)
  return {
    docker: () => {
      const info = docker('info', '--format', '{{json .}}')
      const { MemTotal, NCPU, Architecture, ServerErrors } = JSON.parse(info ?? '{}')
      if (!MemTotal) return ServerErrors?.[0] ?? 'not running'
      return { memoryBytes: MemTotal, cpus: NCPU, architecture: Architecture }
    },
    portTaken,
    kernel: name => {
      const file = `/proc/sys/${name.replaceAll('.', '/')}`
      return existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined
    },
    freeBytes: () =>
      Math.min(
        ...['/var/lib/docker', context.infra]
          .filter(path => existsSync(path))
          .map(path => {
            const { bavail, bsize } = statfsSync(path)
            return bavail * bsize
          })
      ),
    version: program =>
      versionIn(
        program === 'terraform'
          ? capture(context, terraformBinary(context), 'version', '-json')
          : capture(context, program, 'version', '--client', '-o', 'json')
      ),
    clusterContainers: name => {
      const states =
        docker(
          'ps', '--all', '--filter', `label=io.x-k8s.kind.cluster=${name}`, '--format', '{{.State}}'
        )
          ?.split('\n')
          .filter(Boolean) ?? []
      const running = states.filter(state => state === 'running').length
      return { running, stopped: states.length - running }
    },
    stateHasCluster: () => {
      // Only Terraform can read a remote state; its plan reports a missing cluster.
      if (context.config.state.backend !== 'local') return context.config.target.type === 'kind'
      const file = join(context.infra, 'state', context.config.environment, 'cluster.tfstate')
      return existsSync(file) && readFileSync(file, 'utf8').includes('"type": "kind_cluster"')
    },
    kubeContexts: file => {
      const path = expandHome(file)
      if (!existsSync(path)) return undefined
      return (parse(readFileSync(path, 'utf8'))?.contexts ?? []).map(
        ({ name }: { name: string }) => name
      )
    }
  }
}

/** The first version number in the output of a program. */
export const versionIn = (text: string | undefined): string | undefined =>
  /\d+\.\d+\.\d+/.exec(text ?? '')?.[0]

/** Whether another program listens on a port. */
export async function portTaken (address: string, port: number): Promise<boolean> {
  const server = createServer()
  return await new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(true)
      // Docker may use ports below 1024, even if this user may not.
      else if (error.code === 'EACCES') resolve(false)
      else reject(error)
    })
    server.listen(port, address, () => server.close(() => resolve(false)))
  })
}
