import { isUtf8 } from 'node:buffer'
import { ProblemError, type App } from '@guestbook/service-kit'

export interface Draft { name: string, message: string }

/** Fields of the form. `website` is a honeypot: hidden from people, filled in by bots. */
const FIELDS = ['name', 'message', 'website']

const invalidForm = (detail: string) => new ProblemError(400, 'invalid-form', detail)

/** Parses application/x-www-form-urlencoded. Rejects malformed input instead of repairing it. */
export function parseForms (app: App): void {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'buffer' },
    async (_request: unknown, body: Buffer) => {
      if (!isUtf8(body)) throw invalidForm('The form is not encoded in UTF-8.')
      return parseForm(body.toString())
    }
  )
}

function parseForm (body: string): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const pair of body.split('&').filter(Boolean)) {
    const [name = '', value = ''] = pair.split(/=(.*)/s, 2).map(decode)
    if (!FIELDS.includes(name)) {
      throw invalidForm('The form has an unknown field. The guestbook accepts name and message.')
    }
    if (Object.hasOwn(fields, name)) {
      throw invalidForm(`The field "${name}" was sent more than once.`)
    }
    fields[name] = value
  }
  return fields
}

function decode (text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw invalidForm('The form is not correctly encoded.')
  }
}

/** What the visitor typed. Fields that are missing are empty. */
export function draftOf (body: unknown): Draft {
  const { name = '', message = '' } = (body ?? {}) as Partial<Draft>
  return { name, message }
}

export function checkHoneypot (body: unknown): void {
  if ((body as { website?: string } | undefined)?.website) {
    throw invalidForm('A hidden field was filled in. ' +
      'If your browser filled it in automatically, please send the form again.')
  }
}
