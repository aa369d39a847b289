/** What the restricted Pod Security Standard requires of a pod. */
export const podSecurity = (runAsUser = 10001) => ({
  runAsNonRoot: true,
  runAsUser,
  seccompProfile: { type: 'RuntimeDefault' }
})

/** What it requires of a container. */
export const CONTAINER_SECURITY = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] }
}
