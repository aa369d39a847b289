/** What Argo CD says of the workloads that it delivers. */
import { isDeepStrictEqual } from 'node:util'
import type { Context } from './context.ts'
import { kubectlArgs, capture } from './exec.ts'

/** An Application of Argo CD, as far as it is looked at. */
export interface Application {
  readonly metadata: { readonly name: string }
  readonly spec: { readonly source: object }
  readonly status?: {
    readonly sync?: {
      readonly status: string
      readonly revision?: string
      readonly comparedTo?: { readonly source: object }
    }
    readonly health?: { readonly status: string }
    readonly conditions?: ReadonlyArray<{ readonly message: string }>
    readonly operationState?: { readonly phase: string; readonly message?: string }
  }
}

/** All of them, or undefined when Argo CD is not there. */
export function applications (context: Context): Application[] | undefined {
  const found = capture(
    context,
    'kubectl',
    ...kubectlArgs(
      context,
      'get',
      'applications.argoproj.io',
      '--namespace',
      'argocd',
      '--output',
      'json',
      '--request-timeout=10s'
    )
  )
  return found === undefined ? undefined : JSON.parse(found).items
}

/** Whether what runs is what Git and the Application say now, and is well. What Argo CD said before a change does not count. */
export function isDelivered ({ spec, status }: Application): boolean {
  return (
    status?.sync?.status === 'Synced' &&
    status.health?.status === 'Healthy' &&
    status.operationState?.phase !== 'Running' &&
    isDeepStrictEqual(status.sync.comparedTo?.source, spec.source)
  )
}

/** One line: the revision, how it is, and what is wrong if Argo CD says so. */
export function describeApplication ({ metadata, status }: Application): string {
  const { sync, health, conditions = [], operationState } = status ?? {}
  const failed =
    operationState && !['Succeeded', 'Running'].includes(operationState.phase)
      ? operationState.message
      : undefined
  const wrong = conditions.at(-1)?.message ?? failed
  return `${metadata.name.padEnd(20)} ${sync?.status || 'Unknown'}, ${health?.status || 'Unknown'}${sync?.revision ? ` at ${sync.revision.slice(0, 7)}` : ''}${wrong ? `: ${wrong.slice(0, 300)}` : ''}`
}
