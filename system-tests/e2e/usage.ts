import { until } from '../lib/until.ts'
import { kubectl, NAMESPACE, step } from './cluster.ts'

type Phase = 'at rest' | 'under load'
interface Container { resources: string, readings: Partial<Record<Phase, string>> }
interface Pods {
  items: Array<{
    metadata: { name: string }
    spec: {
      containers: Array<{ name: string; resources: { requests?: object; limits?: object } }>
    }
  }>
}
/** Of the metrics API: CPU in nanocores and memory in KiB, over a window before the timestamp. */
interface Metrics {
  items: Array<{
    metadata: { name: string }
    timestamp: string
    window: string
    containers: Array<{ name: string; usage: { cpu: string; memory: string } }>
  }>
}

const WORKLOADS =
  'app.kubernetes.io/name in (guestbook-frontend,guestbook-backend,guestbook-mongodb)'
const nameOf = (pod: string, container: string) =>
  `${/^guestbook-(?:frontend|backend|mongodb)/.exec(pod)![0]} ${container}`
const show = (resources?: object) =>
  Object.entries(resources ?? {}).map(([name, value]) => `${name} ${value}`).join(', ')
const amount = ({ cpu, memory }: { cpu: string; memory: string }) =>
  `${Math.ceil(parseInt(cpu) / 1e6)} m CPU, ${Math.ceil(parseInt(memory) / 1024)} MiB`

/** The usage of each container by metrics-server, with its requests and limits. */
export class Usage {
  readonly #containers = new Map<string, Container>()

  /** Waits for readings whose window begins after this call. */
  async measure (phase: Phase): Promise<void> {
    const start = Date.now()
    const { items } = await kubectl.getJson<Pods>(
      'pods',
      '--field-selector=status.phase=Running',
      `--selector=${WORKLOADS}`
    )
    for (const { metadata, spec } of items) {
      for (const { name, resources } of spec.containers) {
        const key = nameOf(metadata.name, name)
        this.#containers.set(key, {
          readings: {},
          ...this.#containers.get(key),
          resources: `requests ${show(resources.requests)}; limits ${show(resources.limits)}`
        })
      }
    }
    await step(`waiting for metrics-server ${phase}`, async () => {
      await until('readings', async () => await this.#read(phase, start), 120_000, 1000).catch(
        () => {} // print() names what is missing
      )
    })
  }

  async #read (phase: Phase, start: number): Promise<boolean> {
    const answer = await kubectl.run(
      'get',
      '--raw',
      `/apis/metrics.k8s.io/v1beta1/namespaces/${NAMESPACE}/pods` +
        `?labelSelector=${encodeURIComponent(WORKLOADS)}`
    ).catch(() => undefined)
    if (answer === undefined) return true
    for (const { metadata, timestamp, window, containers } of (JSON.parse(answer) as Metrics)
      .items) {
      if (Date.parse(timestamp) - parseFloat(window) * 1000 < start) continue
      for (const { name, usage } of containers) {
        const measured = this.#containers.get(nameOf(metadata.name, name))
        if (measured) measured.readings[phase] = amount(usage)
      }
    }
    return [...this.#containers.values()].every(({ readings }) => readings[phase])
  }

  print (): void {
    for (const [name, { readings, resources }] of this.#containers) {
      const phases = (['at rest', 'under load'] as const).map(
        phase => `${phase} ${readings[phase] ?? 'not measured (no metrics-server)'}`
      )
      console.log(`${name}: ${phases.join('; ')}; ${resources}`)
    }
  }
}
