/** The services of this repository, in the order in which they are deployed. */
import { readFileSync } from 'node:fs'

export interface Service {
  /** Folder below services, and end of the names of its image, chart and release. */
  readonly name: string
  readonly port: number
  /** Port of metrics and probes. */
  readonly managementPort: number
  /** Whether visitors reach it through the ingress. */
  readonly public: boolean
}

export const services: readonly Service[] = JSON.parse(
  readFileSync(new URL('../../services/services.json', import.meta.url), 'utf8')
)

/** Name of a service's image, chart and Helm release. */
export const releaseOf = ({ name }: Service) => `guestbook-${name}`
