import { fileURLToPath } from 'node:url'

/** This checkout, with a slash at the end. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
