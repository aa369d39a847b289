/** Stand-ins for cosign, for an image with the digest DIGEST. */

export const GITHUB = {
  GITHUB_REPOSITORY: 'Some.One/guestbook',
  GITHUB_REF_NAME: 'v1.2.3',
  GITHUB_SHA: 'c'.repeat(40)
}

export const DIGEST = `sha256:${'d'.repeat(64)}`
/** Prints what `cosign verify --output json` prints for one good signature. */
export const verified = (digest = DIGEST) =>
  `echo '${JSON.stringify([{ critical: { image: { 'docker-manifest-digest': digest } } }])}'`
export const VERIFIED = verified()

/**
 * A registry that remembers the names of signed images, without tag or digest. Exit codes and
 * reasons are cosign's.
 */
export const COSIGN = `name=$(sed -E "s/[@:][^/]*$//" <<<"\${@: -1}")
at=https://github.com/Some.One/guestbook/.github/workflows/
fail() { echo "$2" >&2; exit $1; }
case $1 in
  sign) echo "$name" >>signed; echo "$GITHUB_SHA" >commit ;;
  verify)
    grep -qsx "$name" signed || fail 10 "no signatures found"
    [[ "$*" != *--certificate-github-workflow-sha* || "$*" == *"-sha $(<commit) "* ]] ||
      fail 1 "expected GithubWorkflowSHA"
    [[ "$5" == "$at"* ]] || fail 1 "no matching CertificateIdentity found, got \\"$at\\""
    ${VERIFIED} ;;
  tree)
    echo "artifacts for an image:"
    if grep -qsx "$name" signed; then echo "└── artifacts via OCI referrer"
    else echo "No Supply Chain Security Related Artifacts found for image $2,"; fi ;;
esac`

/** The call of cosign that verifies an image. */
export function verifyCall (
  image: string, workflow = 'deploy.yml', ref = 'refs/heads/main'
): string {
  const workflows = 'https://github.com/Some.One/guestbook/.github/workflows'
  return 'cosign verify --certificate-oidc-issuer https://token.actions.githubusercontent.com ' +
    `--certificate-identity ${workflows}/${workflow}@${ref} ` +
    '--certificate-github-workflow-repository Some.One/guestbook ' +
    `--certificate-github-workflow-ref ${ref} --output json ${image}`
}
