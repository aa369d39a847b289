import type { BackendClient } from './backend/client.ts'
import type { NewestReader } from './pages/newest.ts'
import type { PageRenderer } from './pages/renderer.ts'

/** What routes and error pages share. */
export interface Context {
  readonly client: BackendClient
  readonly pages: PageRenderer
  readonly newest: NewestReader
  /** Accepted origins of forms, besides the request's host. Links use the first one. */
  readonly publicOrigins: string[]
}
