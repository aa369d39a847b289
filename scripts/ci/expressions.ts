/** What GitHub does with `${{ … }}` and `if:`, by GitHub's own evaluator. */
import { data, Evaluator, Lexer, Parser } from '@actions/expressions'

/** What expressions can name: `github`, `env`, `needs`, … */
export type Contexts = Record<string, unknown>
/** How it has gone until here. */
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
  return new Evaluator(
    expr,
    dictionary,
    new Map(functions.map(definition => [definition.name, definition]))
  ).evaluate()
}

/** The text with each `${{ … }}` replaced by its value. */
export function interpolate (text: unknown, contexts: Contexts): string {
  return String(text).replaceAll(/\$\{\{(.*?)\}\}/gs, (_, expression: string) =>
    evaluate(expression, contexts, 'success').coerceString()
  )
}

export function interpolateAll (
  texts: Record<string, unknown> = {},
  contexts: Contexts
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, interpolate(text, contexts)])
  )
}

/** Whether an `if:` lets a step or job run. Without a status function in it, it also takes that nothing has failed. */
export function holds (
  condition: string | boolean | undefined,
  contexts: Contexts,
  status: Status
): boolean {
  const expression = String(condition ?? true).replace(/^\s*\$\{\{(.*)\}\}\s*$/s, '$1')
  const isAboutStatus = STATUS_FUNCTIONS.some(name => expression.includes(`${name}(`))
  if (!isAboutStatus && status !== 'success') return false
  // Its own `!` knows what is false: the text 'false' is not.
  return evaluate(`!(${expression})`, contexts, status).coerceString() === 'false'
}
