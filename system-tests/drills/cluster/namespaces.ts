import { Kubectl } from '../../lib/kubectl.ts'

export const cluster = new Kubectl()
export const inNamespace = (namespace: string) => new Kubectl(`--namespace=${namespace}`)
export const guestbook = inNamespace('guestbook')
export const monitoring = inNamespace('monitoring')

/** A value of a Secret. */
export async function secretValue (kubectl: Kubectl, secret: string, key: string): Promise<string> {
  const encoded = await kubectl.read(`secret/${secret}`, `{.data.${key}}`)
  return Buffer.from(encoded, 'base64').toString()
}
