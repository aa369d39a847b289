import { execFileSync } from 'node:child_process'
import { givenImage, type Config } from './config/schema.ts'

/** An image as charts name it: by tag, by digest, or by both, when the digest takes precedence. */
export interface Image {
  readonly repository: string
  readonly tag?: string
  readonly digest?: string
}
export interface ServiceImages { readonly backend: Image, readonly frontend: Image }

/**
 * The images of the services: by digest or tag where the configuration sets one, else by the
 * content hash that build.sh computes.
 */
export function serviceImages ({ images }: Config, root: string): ServiceImages {
  const tags =
    givenImage(images, 'backend') && givenImage(images, 'frontend')
      ? []
      : execFileSync('./build.sh', ['--all', '--print-tag'], {
        cwd: root,
        encoding: 'utf8',
        env: { ...process.env, IMAGE_REPOSITORY: '' }
      })
        .trim()
        .split('\n')
  const image = (service: 'backend' | 'frontend'): Image => {
    const name = `guestbook-${service}`
    const repository = images.repository ? `${images.repository}/${name}` : name
    const digest = images.digests[service]
    const tag =
      images.tags[service] ?? tags.find(tag => tag.startsWith(`${name}:`))?.slice(name.length + 1)
    if (!digest && !tag) {
      throw new Error(`build.sh --print-tag names no image ${name}: ${tags.join(', ')}`)
    }
    return { repository, ...(tag && { tag }), ...(digest && { digest }) }
  }
  return { backend: image('backend'), frontend: image('frontend') }
}
