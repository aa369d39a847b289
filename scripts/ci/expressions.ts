/** Evaluates `${{ … }}` and `if:` with GitHub's own library. */
import { data, Evaluator, Lexer, Parser } from '@actions/expressions'

/** The contexts of expressions: `github`, `env`, `needs`, … */
export type Contexts = Record<string, unknown>
/** Status of the steps before. */
export type Status = 'success' | 'failure'

const NAMES = ['github', 'env', 'vars', 'secrets', 'inputs', 'steps', 'needs', 'job', 'runner']
const STATUS_FUNCTIONS = ['success', 'failure', 'always', 'cancelled']

function evaluate (expression: string, contexts: Contexts, status: Status): data.ExpressionData {
  const answers: Record<string, boolean> = {
    success: status === 'success',
    failure: status === 'failure',
    always: true,
    cancelled: false
  }
  const functions = STATUS_FUNCTIONS.map(name => ({
    name,
    minArgs: 0,
    maxArgs: 0,
    call: () => new data.BooleanData(answers[name]!)
  }))
  const expr = new Parser(new Lexer(expression).lex().tokens, NAMES, functions).parse()
  const dictionary = JSON.parse(JSON.stringify(contexts), data.reviver) as data.Dictionary
  const byName = new Map(functions.map(definition => [definition.name, definition]))
  return new Evaluator(expr, dictionary, byName).evaluate()
}

/** The text with each `${{ … }}` replaced by its value. */
export function interpolate (text: unknown, contexts: Contexts): string {
  return String(text).replaceAll(/\$\{\{(.*?)\}\}/gs, (_, expression: string) =>
    evaluate(expression, contexts, 'success').coerceString()
  )
}

export const interpolateAll = (texts: Record<string, unknown> = {}, contexts: Contexts) =>
  Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, interpolate(text, contexts)])
  )

/** Evaluates an `if:`. Without a status function it is false after a failure. */
export function holds (
  condition: string | boolean | undefined, contexts: Contexts, status: Status
): boolean {
  const expression = String(condition ?? true).replace(/^\s*\$\{\{(.*)\}\}\s*$/s, '$1')
  const isAboutStatus = STATUS_FUNCTIONS.some(name => expression.includes(`${name}(`))
  if (!isAboutStatus && status !== 'success') return false
  // `!` converts to boolean as GitHub does: the text 'false' is true.
  return evaluate(`!(${expression})`, contexts, status).coerceString() === 'false'
}
