import { applyGlobal, kubectl, kubectlGlobal } from './cluster.ts'
import { imageOf } from './releases.ts'

const script = `const { readdirSync, readFileSync } = require('fs')
  const [id, command] = process.argv.slice(1)
  const read = (pid, file) => { try { return readFileSync('/proc/' + pid + '/' + file, 'utf8').trim() } catch { return '' } }
  const pids = readdirSync('/proc').filter(pid => /^[0-9]+$/.test(pid) && read(pid, 'comm') === command && read(pid, 'cgroup').includes(id))
  if (pids.length !== 1) throw new Error('processes named ' + command + ' in the container: ' + pids.length)
  process.kill(Number(pids[0]), 'SIGKILL')`

/** Kills a container's first process from its node: inside of its own namespace no signal can. */
export function killContainer (podName: string, container: string, command: string): void {
  const { spec, status } = JSON.parse(kubectl('get', 'pod', podName, '--output', 'json'))
  const { containerID } = status.containerStatuses.find(
    ({ name }: { name: string }) => name === container
  )
  const killer = ['--namespace', 'default', 'pod/e2e-killer']
  kubectlGlobal('delete', ...killer, '--ignore-not-found')
  applyGlobal({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'e2e-killer', namespace: 'default' },
    spec: {
      nodeName: spec.nodeName,
      hostPID: true,
      restartPolicy: 'Never',
      automountServiceAccountToken: false,
      containers: [{
        name: 'killer',
        image: imageOf('frontend'),
        imagePullPolicy: 'IfNotPresent',
        command: ['node', '--eval', script, containerID.split('//')[1], command],
        securityContext: { privileged: true, runAsUser: 0 }
      }]
    }
  })
  kubectlGlobal('wait', ...killer, '--for=jsonpath={.status.phase}=Succeeded', '--timeout=60s')
  kubectlGlobal('delete', ...killer)
}
