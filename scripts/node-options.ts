/**
 * Heap limits of V8: 3 × 4 MiB for new objects and 96 MiB for old ones, several times what a
 * service needs. By default V8 sizes the heap by the computer's memory and collects late
 * (docs/decisions/0023). The Dockerfiles set the same. NODE_OPTIONS of the environment overrides
 * it.
 */
export const NODE_OPTIONS = '--max-semi-space-size=4 --max-old-space-size=96'

/**
 * Arguments that NODE_OPTIONS does not accept. Without this one V8 may allocate the objects of a
 * request in the old generation, and keep all that they reference. Measured at 128 connections:
 * 19,100 to 24,500 pages a second with it, 12,600 to 14,100 without (docs/decisions/0027).
 */
export const NODE_ARGUMENTS = ['--no-allocation-site-pretenuring']
