/** The version catalog: components.json pins every third-party component. */
import { readFileSync } from 'node:fs'

/** A third-party component. */
export interface Component {
  /** Key in the code. */
  readonly id: string
  readonly name: string
  readonly kind: 'chart' | 'image' | 'provider' | 'package'
  /** A chart with its repository, an image without tag, a provider's address, or a package. */
  readonly source: string
  readonly version: string
  /** Digest of an image. @default none */
  readonly digest?: string
  /** Last day with fixes, as YYYY-MM-DD; null where none is announced. */
  readonly endOfLife: string | null
  /** The replacement, and how to migrate. */
  readonly successor?: string
  readonly note?: string
}

export const components: readonly Component[] =
  JSON.parse(readFileSync(new URL('../components.json', import.meta.url), 'utf8'))

/** @throws Error when the catalog has no such component */
export function component (id: string): Component {
  const found = components.find(one => one.id === id)
  if (!found) throw new Error(`components.json has no component "${id}"`)
  return found
}

export const version = (id: string): string => component(id).version

/** An image with its tag, and its digest where the catalog has one. */
export function image (id: string): string {
  const { source, version, digest } = component(id)
  return `${source}:${version}${digest ? `@${digest}` : ''}`
}
