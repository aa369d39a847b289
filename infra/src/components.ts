/** The ledger of everything that others make and we deploy: components.json is the one place that names versions. */
import { readFileSync } from 'node:fs'

/** One thing that others make. */
export interface Component {
  /** By what our code asks for it. */
  readonly id: string
  readonly name: string
  readonly kind: 'chart' | 'image' | 'provider' | 'package'
  /** Where it comes from: a chart repository, an image without tag, a provider's address, a package. */
  readonly source: string
  readonly version: string
  /** Digest of an image. @default the tag alone names it */
  readonly digest?: string
  /** Version of the program inside a chart. */
  readonly app?: string
  /** Last day with fixes, as YYYY-MM-DD; null where its makers name none. */
  readonly endOfLife: string | null
  /** What to move to, and how. */
  readonly successor?: string
  readonly note?: string
}

export const components: readonly Component[] =
  JSON.parse(readFileSync(new URL('../components.json', import.meta.url), 'utf8'))

/** @throws Error when the ledger has no such component. */
export function component (id: string): Component {
  const found = components.find(one => one.id === id)
  if (!found) throw new Error(`components.json has no component "${id}"`)
  return found
}

export const version = (id: string): string => component(id).version

/** An image as it is pulled: name, tag, and digest where the ledger has one. */
export function image (id: string): string {
  const { source, version, digest } = component(id)
  return `${source}:${version}${digest ? `@${digest}` : ''}`
}
