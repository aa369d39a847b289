import type { Fault as ExpiringFault } from '@guestbook/service-kit'

export type Fault = Omit<ExpiringFault, 'expiresInSeconds'>

/**
 * Injects a fault into a service that was started with FAULTS_TOKEN, or ends it (`null`).
 * @throws Error with the answer when the service rejects it
 */
export async function setFault (
  managementUrl: string,
  token: string,
  fault: Fault | null,
  expiresInSeconds = 3600
): Promise<void> {
  const answer = await fetch(`${managementUrl}/faults`, {
    method: fault ? 'PUT' : 'DELETE',
    headers: {
      authorization: `Bearer ${token}`,
      ...(fault && { 'content-type': 'application/json' })
    },
    ...(fault && { body: JSON.stringify({ ...fault, expiresInSeconds }) })
  }).catch(error => {
    const reason = error.cause?.code ?? error.message
    throw new Error(`${managementUrl} does not answer (${reason}): is it the management address?`)
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${managementUrl}/faults answered ${answer.status}: ${text}`)
}
