/** The Applications of Argo CD: what it has delivered. */
import { isDeepStrictEqual } from 'node:util'
import type { Context } from './context.ts'
import { kubectl } from './exec.ts'

/** The fields of an Application that the commands read. */
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

/** All Applications, or undefined when the cluster does not answer or has no Argo CD. */
export function applications (context: Context): Application[] | undefined {
  const found = kubectl(
    context, 'get', 'applications.argoproj.io', '--namespace', 'argocd', '--output', 'json',
    '--request-timeout=10s'
  )
  return found === undefined ? undefined : JSON.parse(found).items
}

/** Whether an Application is healthy and synced to its current source, not to an earlier one. */
export function isDelivered ({ spec, status }: Application): boolean {
  return (
    status?.sync?.status === 'Synced' &&
    status.health?.status === 'Healthy' &&
    status.operationState?.phase !== 'Running' &&
    isDeepStrictEqual(status.sync.comparedTo?.source, spec.source)
  )
}

/** One line: name, sync status, health, revision, and the error if there is one. */
export function describeApplication ({ metadata, status }: Application): string {
  const { sync, health, conditions = [], operationState } = status ?? {}
  const failed =
    operationState && !['Succeeded', 'Running'].includes(operationState.phase)
      ? operationState.message
      : undefined
  const error = conditions.at(-1)?.message ?? failed
  return [
    `${metadata.name.padEnd(20)} ${sync?.status || 'Unknown'}, ${health?.status || 'Unknown'}`,
    sync?.revision ? ` at ${sync.revision.slice(0, 7)}` : '',
    error ? `: ${error.slice(0, 300)}` : ''
  ].join('')
}
