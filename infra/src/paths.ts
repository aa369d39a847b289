/** Paths relative to cdktf.out/stacks/STACK, where Terraform runs: a checkout can be moved. */
export const INFRA = '../../..'
export const ROOT = `${INFRA}/..`
/** Folder with the local state and the kubeconfig of an environment. */
export const stateFolder = (environment: string) => `${INFRA}/state/${environment}`
