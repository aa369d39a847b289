/** Where images and charts are published. */
import { execFileSync } from 'node:child_process'

/** The tag says what it is; the digest is what was verified, and cannot be moved. */
export interface PublishedImage { repository: string, tag: string, digest: string }

/** The image of a service as it was published for the checked-out sources. @throws Error when it has no signature of ours. */
export function publishedImage (service: 'backend' | 'frontend'): PublishedImage {
  const env = { ...process.env, IMAGE_REPOSITORY: registryOf(process.env) }
  const image = execFileSync('./build.sh', [`--${service}`, '--print-tag'], {
    encoding: 'utf8',
    env
  }).trim()
  const verified = execFileSync('scripts/verify-image', [image], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit']
  }).trim()
  const colon = image.lastIndexOf(':')
  return {
    repository: image.slice(0, colon),
    tag: image.slice(colon + 1),
    digest: verified.slice(image.length + 1)
  }
}

/** IMAGE_REPOSITORY, else the repository's own place in GitHub's registry, which takes small letters only. @throws Error when neither is known. */
export function registryOf ({ IMAGE_REPOSITORY, GITHUB_REPOSITORY }: NodeJS.ProcessEnv): string {
  if (IMAGE_REPOSITORY) return IMAGE_REPOSITORY
  if (!GITHUB_REPOSITORY) {
    throw new Error(
      'Set IMAGE_REPOSITORY to where images are pushed, such as ghcr.io/you/guestbook'
    )
  }
  return `ghcr.io/${GITHUB_REPOSITORY.toLowerCase()}`
}
