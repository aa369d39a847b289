import { component } from '../components.ts'
import type { Config } from '../config/schema.ts'

/** An image of the version catalog in the form of charts, from the mirror if there is one. */
export function catalogImage ({ mirrors }: Config, id: string) {
  const { source, version } = component(id)
  return { repository: mirrors.registry ? `${mirrors.registry}/${source}` : source, tag: version }
}

/** The value by which most charts set the registry of all their images. */
export const globalRegistry = ({ mirrors }: Config) =>
  mirrors.registry ? { global: { imageRegistry: mirrors.registry } } : {}
