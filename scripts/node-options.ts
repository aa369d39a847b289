/**
 * How much memory V8 may take before it tidies up: 3 times 4 MiB for what is new and 96 MiB for what stays, several times what
 * a service holds. Without these it goes by the computer's memory and lets garbage lie (docs/decisions/0023). The Dockerfiles
 * say the same; NODE_OPTIONS of the environment comes first.
 */
export const NODE_OPTIONS = '--max-semi-space-size=4 --max-old-space-size=96'
