import { attempt, kubectl, step, until } from './cluster.ts'

interface Reading { cpuMilli: number, memoryMiB: number }
interface Container { resources: string, rest?: Reading, load?: Reading }
interface Pods { items: Array<{ metadata: { name: string }, spec: { containers: Array<{ name: string, resources: { requests?: object, limits?: object } }> } }> }

const nameOf = (pod: string, container: string) => `${/^guestbook-(?:frontend|backend|mongodb)/.exec(pod)?.[0]} ${container}`
const inOrder = (resources?: object) => Object.entries(resources ?? {}).map(([name, value]) => `${name} ${value}`).join(', ')

/** What metrics-server measures of each container at rest and under load, beside what it asks for. */
export class Usage {
  readonly #containers = new Map<string, Container>()

  #read (phase: 'rest' | 'load'): boolean {
    const lines = attempt('top', 'pods', '--containers', '--no-headers')?.split('\n') ?? []
    for (const line of lines) {
      const [pod, container, cpu, memory] = line.split(/\s+/) as [string, string, string, string]
      const measured = this.#containers.get(nameOf(pod, container))
      if (!measured) continue
      const { cpuMilli, memoryMiB } = measured[phase] ?? { cpuMilli: 0, memoryMiB: 0 }
      measured[phase] = { cpuMilli: Math.max(cpuMilli, parseInt(cpu)), memoryMiB: Math.max(memoryMiB, parseInt(memory)) }
    }
    return [...this.#containers.values()].every(measured => measured[phase])
  }

  async rest (): Promise<void> {
    const { items } = JSON.parse(kubectl('get', 'pods', '--field-selector', 'status.phase=Running', '--output', 'json')) as Pods
    for (const { metadata, spec } of items) {
      for (const { name, resources } of spec.containers) {
        this.#containers.set(nameOf(metadata.name, name), { resources: `requests ${inOrder(resources.requests)}; limits ${inOrder(resources.limits)}` })
      }
    }
    await step('waiting for what metrics-server measures at rest', () => until(() => this.#read('rest')))
  }

  load (): void {
    this.#read('load')
  }

  print (): void {
    const show = (reading?: Reading) => reading ? `${reading.cpuMilli} m CPU, ${reading.memoryMiB} MiB` : 'not measured: the cluster has no metrics-server'
    for (const [name, { rest, load, resources }] of this.#containers) console.log(`${name}: at rest ${show(rest)}; under load ${show(load)}; ${resources}`)
  }
}
