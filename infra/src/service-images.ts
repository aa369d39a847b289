import { execFileSync } from 'node:child_process'
import type { Config } from './config/schema.ts'
import type { Image, ServiceImages } from './constructs/images.ts'

/** The images of our services as build.sh names them: by the hash of their content, or by the tags that the configuration gives. */
export function serviceImages ({ images }: Config, root: string): ServiceImages {
  const tags = images.tags.backend && images.tags.frontend
    ? []
    : execFileSync('./build.sh', ['--all', '--print-tag'], { cwd: root, encoding: 'utf8', env: { ...process.env, IMAGE_REPOSITORY: '' } }).trim().split('\n')
  const image = (service: 'backend' | 'frontend'): Image => {
    const name = `guestbook-${service}`
    const tag = images.tags[service] ?? tags.find(tag => tag.startsWith(`${name}:`))?.slice(name.length + 1)
    if (!tag) throw new Error(`build.sh --print-tag names no image ${name}: ${tags.join(', ')}`)
    return { repository: images.repository ? `${images.repository}/${name}` : name, tag }
  }
  return { backend: image('backend'), frontend: image('frontend') }
}
