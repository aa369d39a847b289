import { readFileSync } from 'node:fs'
import type { App } from '@guestbook/service-kit'
import { Representation } from '../pages/representation.ts'

/** URLs of the style sheet and the icon. They contain a content hash, so caches never expire. */
export interface AssetUrls { css: string, icon: string }

export function assetRoutes (app: App): AssetUrls {
  const serve = (name: string, type: string): string => {
    const body = readFileSync(new URL(`../../public/${name}`, import.meta.url))
    const asset = new Representation(type, body)
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
