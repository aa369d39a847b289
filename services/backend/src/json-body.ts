import { ProblemError, type App } from '@guestbook/service-kit'

const UTF8 = new TextDecoder('utf-8', { fatal: true })

/** Reads JSON that means one thing only: valid UTF-8, no name twice, no prototype tricks. */
export function parseJsonStrictly (app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    let text: string
    try {
      text = UTF8.decode(body as Buffer)
    } catch {
      done(new ProblemError(400, 'bad-request', 'The body is not valid UTF-8.'))
      return
    }
    void parse(request, text, (error, value) => {
      const twice = error ? undefined : duplicateName(text)
      if (twice === undefined) done(error, value)
      else done(new ProblemError(400, 'invalid-input', 'A field was sent more than once.', { errors: [{ pointer: `#/${twice}`, detail: 'was sent more than once' }] }))
    })
  })
}

/** The first name that occurs twice. Our bodies are flat, so names need not be told apart by object. */
function duplicateName (json: string): string | undefined {
  const names = new Set<string>()
  for (const [, literal = '', colon] of json.matchAll(/("(?:[^"\\]|\\.)*")\s*(:?)/g)) {
    if (!colon) continue
    const name = JSON.parse(literal) as string
    if (names.has(name)) return name
    names.add(name)
  }
}
