import { parseArgs } from 'node:util'

export const HELP = `Usage: make drill-cluster [ARGS="OPTIONS"]
Injects faults on the cluster of the current context, waits until each page arrives and resolves,
and restores everything, also on Ctrl-C.
  --only RULE         only drills that page this rule; may be repeated
  --dashboards        no drill: sends traffic with faults for a minute, runs the query of every
                      dashboard panel, and follows one post through metrics, trace and logs
  --receiver ADDRESS  address of this computer that pods reach
                      (default: the gateway of the Docker network "kind")
  --confirm CONTEXT   needed when the current context is not one of Kind
Environment:
  KUBECONFIG          default: infra/state/dev/kubeconfig, which make up writes
  DRILL_FACTOR        how many times faster than in production (default: 5)`

export interface Options {
  only: string[]
  dashboards: boolean
  receiver?: string | undefined
  confirm?: string | undefined
  help: boolean
}

/** `drilled`: uids of rules that have a drill. @throws Error naming the option that is wrong */
export function parseOptions (args: string[], drilled: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: 'string', multiple: true, default: [] },
      dashboards: { type: 'boolean', default: false },
      receiver: { type: 'string' },
      confirm: { type: 'string' },
      help: { type: 'boolean', default: false }
    }
  })
  const unknown = values.only.filter(uid => !drilled.includes(uid))
  if (unknown.length > 0) {
    throw new Error(
      `On a cluster there is no drill of ${unknown.join(', ')}. There are ${drilled.join(', ')}.`
    )
  }
  if (values.dashboards && values.only.length > 0) {
    throw new Error('--dashboards runs no drill, so it excludes --only.')
  }
  return values
}

/** @throws Error unless the cluster is one of Kind or was confirmed */
export function assertConfirmed (context: string, confirm: string | undefined): void {
  if (context.startsWith('kind-') && confirm === undefined) return
  if (confirm !== context) {
    throw new Error(
      `The current context is "${context}". To inject faults there: ` +
        `make drill-cluster ARGS="--confirm ${context}".`
    )
  }
}
