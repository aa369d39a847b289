/** What `make drill-cluster` may be told. */
import { parseArgs } from 'node:util'

export const HELP = `Usage: make drill-cluster [ARGS="OPTIONS"]
Breaks what runs on the cluster of the current context, waits for the pages and their ends, and puts all back, also on Ctrl-C.
  --only RULE         only drills that page this rule; may be repeated
  --dashboards        only let visitors sign and fail for a minute; ask every panel of every dashboard what it shows, and
                      follow one post through metrics, trace and logs
  --receiver ADDRESS  address of this computer that pods reach (default: the gateway of the Docker network "kind")
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

/** @throws Error that says which value is wrong; `drilled`: uids of rules that have a drill */
export function optionsOf (args: string[], drilled: string[]): Options {
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
    throw new Error('--dashboards drills no rule, so --only has no meaning beside it.')
  }
  return values
}

/** @throws Error when nobody said that this very cluster may be broken */
export function refuseStranger (context: string, confirm: string | undefined): void {
  if (context.startsWith('kind-') && confirm === undefined) return
  if (confirm !== context) {
    throw new Error(
      `The current context is "${context}". To break what runs there: make drill-cluster ARGS="--confirm ${context}".`
    )
  }
}
