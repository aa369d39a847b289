import { cluster, kubectl } from './cluster.ts'
import { imageOf } from './releases.ts'

const script = `const { readdirSync, readFileSync } = require('fs')
  const [id, command] = process.argv.slice(1)
  const read = (pid, file) => {
    try { return readFileSync('/proc/' + pid + '/' + file, 'utf8').trim() } catch { return '' }
  }
  const pids = readdirSync('/proc').filter(pid =>
    /^[0-9]+$/.test(pid) && read(pid, 'comm') === command && read(pid, 'cgroup').includes(id))
  if (pids.length !== 1) throw new Error(pids.length + ' processes named ' + command)
  process.kill(Number(pids[0]), 'SIGKILL')`

interface Pod {
  spec: { nodeName: string }
  status: { containerStatuses: Array<{ name: string, containerID: string }> }
}

/** Kills the first process of a container from its node, as no signal inside the pod can. */
export async function killContainer (
  podName: string,
  container: string,
  command: string
): Promise<void> {
  const { spec, status } = await kubectl.getJson<Pod>(`pod/${podName}`)
  const { containerID } = status.containerStatuses.find(({ name }) => name === container)!
  const killer = ['--namespace', 'default', 'pod/e2e-killer']
  await cluster.run('delete', ...killer, '--ignore-not-found')
  await cluster.send('apply', {
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
  await cluster.wait(killer, 'jsonpath={.status.phase}=Succeeded')
  await cluster.run('delete', ...killer)
}
