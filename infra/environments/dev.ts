import type { ConfigInput } from '../src/config/schema.ts'

/** Everything on this computer, in a Kind cluster. All defaults. */
export default {} satisfies ConfigInput
