export const DIGEST = `sha256:${'d'.repeat(64)}`
/** Shell that prints what `cosign verify --output json` does for DIGEST with one good signature. */
const SIGNATURE = { critical: { image: { 'docker-manifest-digest': DIGEST } } }
export const VERIFIED = `echo '${JSON.stringify([SIGNATURE])}'`
