/** The services, and the registry of their images and charts. */
import { execFileSync } from 'node:child_process'
import { globSync } from 'node:fs'

/** A tag may move. The digest is what was verified. */
export interface PublishedImage { repository: string, tag: string, digest: string }

/** Services with an image. */
export const serviceNames = () =>
  globSync('services/*/Dockerfile').map(file => file.split(/[\\/]/)[1]!).sort()

/** The published image of the checked-out sources. @throws Error without a valid signature */
export function publishedImage (service: string): PublishedImage {
  const env = { ...process.env, IMAGE_REPOSITORY: registryOf(process.env) }
  const options = { encoding: 'utf8', env } as const
  const image = execFileSync('./build.sh', [`--${service}`, '--print-tag'], options).trim()
  const verified = execFileSync('scripts/verify-image', [image], options).trim()
  const colon = image.lastIndexOf(':')
  const [repository, tag] = [image.slice(0, colon), image.slice(colon + 1)]
  return { repository, tag, digest: verified.slice(image.length + 1) }
}

/** IMAGE_REPOSITORY, or the repository's own path on ghcr.io. @throws Error when both are unset */
export function registryOf ({ IMAGE_REPOSITORY, GITHUB_REPOSITORY }: NodeJS.ProcessEnv): string {
  if (IMAGE_REPOSITORY) return IMAGE_REPOSITORY
  if (!GITHUB_REPOSITORY) {
    throw new Error('Set IMAGE_REPOSITORY to a registry, such as ghcr.io/you/guestbook')
  }
  return `ghcr.io/${GITHUB_REPOSITORY.toLowerCase()}`
}
