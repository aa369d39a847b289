import { pointerTo, ProblemError, type App } from '@guestbook/service-kit'

const UTF8 = new TextDecoder('utf-8', { fatal: true })

/** Reads JSON that means one thing only: valid UTF-8, no name twice, no prototype tricks. */
export function parseJsonStrictly (app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    if (body.length === 0) {
      done(null, undefined) // chunks that hold nothing
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

/** More names than the fields of any body. Each unknown one would cost an error of its own. */
const MAX_NAMES = 100

/** Our bodies are flat, so names need not be told apart by object. */
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
