/** Terraform runs in cdktf.out/stacks/STACK. Paths in stacks are relative to that, so that a moved checkout plans no change. */
export const INFRA = '../../..'
export const ROOT = `${INFRA}/..`
/** Where local state and kubeconfig of an environment are, seen from a stack. */
export const stateFolder = (environment: string) => `${INFRA}/state/${environment}`
