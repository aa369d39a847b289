/** kubectl on the cluster of the current context. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../lib/free-port.ts'
import { OWN_GROUP, run } from '../command.ts'

export const kubectl = async (...args: string[]): Promise<string> => await run('kubectl', args)
export const getJson = async <T>(...args: string[]): Promise<T> =>
  JSON.parse(await kubectl('get', ...args, '--output=json')) as T
/** `verb` is apply, replace or delete. */
export const send = async (verb: string, ...objects: object[]): Promise<void> => {
  await run(
    'kubectl',
    [verb, '--filename=-', ...(verb === 'delete' ? ['--ignore-not-found'] : [])],
    { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) }
  )
}

/** Leads a port of this computer to a Service or a Deployment, also to the pods that come after. */
export class Forward {
  readonly url: string
  readonly #args: string[]
  #child: ChildProcess | undefined
  #closed = false

  private constructor (args: string[], url: string) {
    this.#args = args
    this.url = url
    void this.#keep()
  }

  static async open (namespace: string, target: string, port: number | string): Promise<Forward> {
    const own = await freePort()
    return new Forward(
      [
        '--namespace',
        namespace,
        'port-forward',
        '--pod-running-timeout=5s',
        target,
        `${own}:${port}`
      ],
      `http://127.0.0.1:${own}`
    )
  }

  async #keep (): Promise<void> {
    while (!this.#closed) {
      this.#child = spawn('kubectl', this.#args, { ...OWN_GROUP, stdio: 'ignore' })
      await once(this.#child, 'close').catch(() => {})
      await sleep(300)
    }
  }

  close (): void {
    this.#closed = true
    this.#child?.kill()
  }
}
