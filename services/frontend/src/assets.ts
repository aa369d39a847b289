import { readFileSync } from 'node:fs'
import type { App } from '@guestbook/service-kit'
import { Representation } from './representation.ts'

/** Where the style sheet and the icon are; the address changes with the content, so browsers may keep them for good. */
export interface AssetUrls { css: string, icon: string }

export function serveAssets (app: App): AssetUrls {
  const serve = (name: string, type: string): string => {
    const asset = new Representation(
      type,
      readFileSync(new URL(`../public/${name}`, import.meta.url))
    )
    const url = `/assets/${asset.hash}/${name}`
    app.get(url, async (request, reply) => {
      reply.header('cache-control', 'public, max-age=31536000, immutable')
      return await asset.send(request, reply)
    })
    return url
  }
  return {
    css: serve('guestbook.css', 'text/css; charset=utf-8'),
    icon: serve('icon.svg', 'image/svg+xml')
  }
}
