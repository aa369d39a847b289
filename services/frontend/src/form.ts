import { isUtf8 } from 'node:buffer'
import { ProblemError, type App } from '@guestbook/service-kit'
import type { FastifyRequest } from 'fastify'

export interface Draft { name: string, message: string }

/** Fields of the form. `website` is a trap: people do not see it, programs fill it in. */
const FIELDS = ['name', 'message', 'website']

/** Reads application/x-www-form-urlencoded: what is broken is refused instead of repaired. */
export function parseForms (app: App): void {
  const parse = async (_request: FastifyRequest, body: Buffer) => {
    if (isUtf8(body)) return parseForm(body.toString())
    throw new ProblemError(400, 'invalid-form', 'The form is not written in UTF-8.')
  }
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'buffer' }, parse)
}

function parseForm (body: string): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const pair of body.split('&').filter(Boolean)) {
    const [name = '', value = ''] = splitOnce(pair).map(decode)
    if (!FIELDS.includes(name)) {
      throw new ProblemError(400, 'invalid-form',
        'The form has a field that the guestbook does not know. It reads name and message.')
    }
    if (Object.hasOwn(fields, name)) {
      throw new ProblemError(400, 'invalid-form', `The field "${name}" was sent more than once.`)
    }
    fields[name] = value
  }
  return fields
}

function splitOnce (pair: string): string[] {
  const at = pair.indexOf('=')
  return at < 0 ? [pair] : [pair.slice(0, at), pair.slice(at + 1)]
}

function decode (text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw new ProblemError(400, 'invalid-form', 'The form is not correctly encoded.')
  }
}

/** What the visitor typed, as far as it can be told; error pages put it back into the form. */
export function draftOf (body: unknown): Draft {
  const { name = '', message = '' } = (body ?? {}) as Partial<Draft>
  return { name, message }
}

export function checkHoneypot (body: unknown): void {
  if ((body as { website?: string } | undefined)?.website) {
    throw new ProblemError(
      400,
      'invalid-form',
      "A field that people do not see was filled in. If it was your browser's autofill, please send the form again."
    )
  }
}
