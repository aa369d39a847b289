/** Where images and charts are published. */

/** IMAGE_REPOSITORY, else the repository's own place in GitHub's registry, which takes small letters only. @throws Error when neither is known. */
export function registryOf ({ IMAGE_REPOSITORY, GITHUB_REPOSITORY }: NodeJS.ProcessEnv): string {
  if (IMAGE_REPOSITORY) return IMAGE_REPOSITORY
  if (!GITHUB_REPOSITORY) throw new Error('Set IMAGE_REPOSITORY to where images are pushed, such as ghcr.io/you/guestbook')
  return `ghcr.io/${GITHUB_REPOSITORY.toLowerCase()}`
}
