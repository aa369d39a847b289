import { pointerTo, ProblemError, type App } from '@guestbook/service-kit'

const UTF8 = new TextDecoder('utf-8', { fatal: true })

/** Parses unambiguous JSON only: valid UTF-8, no duplicate names, no prototype pollution. */
export function parseJsonStrictly (app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (body.length === 0) {
      done(null, undefined) // empty chunks
      return
    }
    let text: string
    try {
      text = UTF8.decode(body as Buffer)
    } catch {
      done(new ProblemError(400, 'bad-request', 'The body is not valid UTF-8.'))
      return
    }
    void parse(request, text, (error, value) => {
      const problem = error ? undefined : checkNames(text)
      if (problem) done(problem)
      else done(error, value)
    })
  })
}

/** More than the fields of any body. Each unknown field would cost a validation error. */
const MAX_NAMES = 100

/** Bodies of this API are flat, so names are compared across objects. */
function checkNames (json: string): ProblemError | undefined {
  const names = new Set<string>()
  for (const [, literal = '', colon] of json.matchAll(/("(?:[^"\\]|\\.)*")\s*(:?)/g)) {
    if (!colon) continue
    const name = JSON.parse(literal) as string
    if (names.has(name)) {
      return new ProblemError(400, 'invalid-input', 'A field was sent more than once.', {
        errors: [{ pointer: pointerTo(name), detail: 'was sent more than once' }]
      })
    }
    names.add(name)
    if (names.size > MAX_NAMES) {
      return new ProblemError(400, 'invalid-input',
        `The body has more than ${MAX_NAMES} fields. Send those of the API's description.`)
    }
  }
}
