import { execFileSync } from 'node:child_process'
import { givenImage, type Config } from './config/schema.ts'
import { releaseOf, services } from './services.ts'

/** An image as charts name it: by tag, by digest, or by both, when the digest takes precedence. */
export interface Image {
  readonly repository: string
  readonly tag?: string
  readonly digest?: string
}
/** Images by the name of their service. */
export type ServiceImages = Readonly<Record<string, Image>>

/**
 * The images of the services: by digest or tag where the configuration sets one, else by the
 * content hash that build.sh computes.
 */
export function serviceImages ({ images }: Config, root: string): ServiceImages {
  const built = services.every(({ name }) => givenImage(images, name))
    ? []
    : execFileSync('./build.sh', ['--all', '--print-tag'], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, IMAGE_REPOSITORY: '' }
    })
      .trim()
      .split('\n')
  return Object.fromEntries(services.map(service => {
    const name = releaseOf(service)
    const repository = images.repository ? `${images.repository}/${name}` : name
    const digest = images.digests[service.name]
    const tag = images.tags[service.name] ??
      built.find(image => image.startsWith(`${name}:`))?.slice(name.length + 1)
    if (!digest && !tag) {
      throw new Error(`build.sh --print-tag names no image ${name}: ${built.join(', ')}`)
    }
    return [service.name, { repository, ...(tag && { tag }), ...(digest && { digest }) }]
  }))
}
