import type { Config } from '../config/schema.ts'

/** An image of others, at the mirror if there is one. */
export const registryOf = ({ mirrors }: Config, repository: string) => mirrors.registry ? `${mirrors.registry}/${repository}` : repository
