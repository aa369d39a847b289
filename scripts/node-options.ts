/**
 * How much memory V8 may take before it tidies up: 3 times 4 MiB for what is new and 96 MiB for what stays, several times what
 * a service holds. Without these it goes by the computer's memory and lets garbage lie (docs/decisions/0023). The Dockerfiles
 * say the same; NODE_OPTIONS of the environment comes first.
 */
export const NODE_OPTIONS = '--max-semi-space-size=4 --max-old-space-size=96'

/**
 * Arguments of node, which NODE_OPTIONS does not take. Without this one V8 may come to make a request's objects where
 * long-lived ones are, and whatever they point to stays with them (docs/decisions/0027).
 */
export const NODE_ARGUMENTS = ['--no-allocation-site-pretenuring']
