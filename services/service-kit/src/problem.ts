import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { FromSchema, JSONSchema } from 'json-schema-to-ts'

const text = (description: string) => ({ type: 'string', description }) as const

/** Error answers of the APIs: RFC 9457 problem details. */
export const ProblemSchema = {
  $id: 'Problem',
  description: 'RFC 9457 problem details',
  type: 'object',
  properties: {
    type: text('Names the kind of problem, such as urn:guestbook:problem:invalid-input.'),
    title: text('The kind of problem in words; the same for every occurrence.'),
    status: { type: 'integer', description: 'The HTTP status.' },
    detail: text('What happened this time and what to do.'),
    traceId: text('Reference under which the request is found in logs and traces.'),
    errors: {
      type: 'array',
      description: 'Every value that was refused.',
      items: {
        type: 'object',
        properties: {
          pointer: text('JSON pointer to the field of the body, such as #/name.'),
          parameter: text('Query or path parameter.'),
          header: text('Request header.'),
          detail: text('What is wrong with it.')
        },
        required: ['detail'],
        additionalProperties: false
      }
    }
  },
  required: ['type', 'title', 'status', 'detail', 'traceId'],
  additionalProperties: false
} as const satisfies JSONSchema

export type Problem = FromSchema<typeof ProblemSchema>
export type FieldError = NonNullable<Problem['errors']>[number]

interface ProblemOptions { errors?: FieldError[], retryAfterSeconds?: number, extensions?: object }

/** An answer other than success that a route means to give. `message` is shown to the client. */
export class ProblemError extends Error {
  readonly kind: string
  readonly statusCode: number
  readonly errors: FieldError[] | undefined
  readonly retryAfterSeconds: number | undefined
  /** Members of the problem that only this kind has (RFC 9457 section 3.2). */
  readonly extensions: object | undefined

  constructor (statusCode: number, kind: string, detail: string, options: ProblemOptions = {}) {
    super(detail)
    this.name = 'ProblemError'
    this.kind = kind
    this.statusCode = statusCode
    this.errors = options.errors
    this.retryAfterSeconds = options.retryAfterSeconds
    this.extensions = options.extensions
  }
}

export function invalidInput (errors: FieldError[]): ProblemError {
  return new ProblemError(
    400,
    'invalid-input',
    'Some values were refused; each is named under errors.',
    { errors }
  )
}

export interface ProblemErrorsOptions {
  /** What the service's own errors mean to a client; undefined for errors it does not know. */
  translate?: (error: unknown) => ProblemError | undefined
}

/** Every error leaves as a problem; what was not meant for the client stays in the log. */
export const problemErrors = fp<ProblemErrorsOptions>(
  async (app: FastifyInstance, { translate }) => {
    app.setErrorHandler((error: FastifyError, request, reply) => {
      const problem =
        error instanceof ProblemError ? error : (translate?.(error) ?? toProblemError(error))
      if (problem.statusCode >= 500 && !request.isShed) {
        request.log.error({ err: error }, 'request failed')
      }
      return sendProblem(request, reply, problem)
    })
    app.setNotFoundHandler((request, reply) =>
      sendProblem(
        request,
        reply,
        new ProblemError(
          404,
          'not-found',
          `Nothing is served at ${request.method} ${request.originalUrl.split('?')[0]}.`
        )
      )
    )
  },
  { name: 'problem-errors' }
)

/** A problem outside of Fastify, for who did not send a request. */
export function describeProblem ({
  status,
  kind,
  detail,
  traceId
}: {
  status: number
  kind: string
  detail: string
  traceId: string
}): { type: string; body: string } {
  const problem: Problem = { type: typeOf(kind), title: titleOf(kind), status, detail, traceId }
  return { type: 'application/problem+json', body: JSON.stringify(problem) }
}

function sendProblem (request: FastifyRequest, reply: FastifyReply, error: ProblemError) {
  const problem: Problem = {
    type: typeOf(error.kind),
    title: titleOf(error.kind),
    status: error.statusCode,
    detail: error.message,
    traceId: request.id,
    ...(error.errors && { errors: error.errors }),
    ...error.extensions
  }
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', error.retryAfterSeconds)
  return reply
    .code(error.statusCode)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(problem)
}

const typeOf = (kind: string) => `urn:guestbook:problem:${kind}`
const titleOf = (kind: string) => kind.charAt(0).toUpperCase() + kind.slice(1).replaceAll('-', ' ')

function toProblemError (error: FastifyError): ProblemError {
  if (error.validation) {
    return invalidInput(
      error.validation
        .slice(0, MAX_ERRORS)
        .map(issue => fieldError(error.validationContext, issue))
    )
  }
  const status = error.statusCode ?? 500
  if (status >= 500) {
    return new ProblemError(
      500,
      'internal-error',
      'Something went wrong on our side. Quote the traceId when you report it.'
    )
  }
  // Fastify's own refusals (malformed JSON, wrong content type, body too large) are written for clients.
  return new ProblemError(
    status,
    (STATUS_CODES[status] ?? 'refused').toLowerCase().replaceAll(' ', '-'),
    error.message
  )
}

/** Enough to mend a form by; a body can hold thousands of unknown fields. */
const MAX_ERRORS = 20

type ValidationIssue = NonNullable<FastifyError['validation']>[number]

function fieldError (
  context: string | undefined,
  { instancePath, keyword, params, message }: ValidationIssue
): FieldError {
  const name = params.missingProperty ?? params.additionalProperty
  const path =
    name === undefined ? instancePath : `${instancePath}${pointerTo(String(name)).slice(1)}`
  const detail = describe(keyword, params, message)
  if (context === 'querystring' || context === 'params') {
    return { parameter: path.slice(1), detail }
  }
  if (context === 'headers') return { header: path.slice(1), detail }
  return { pointer: `#${path}`, detail }
}

/** Of a field's name no more is told: it is the client's own, and can be as long as the body. */
const MAX_NAME_LENGTH = 40

/** JSON pointer to a field of the body, percent-encoded (RFC 6901 section 6); a long name is cut. */
export function pointerTo (name: string): string {
  const shown = name.slice(0, MAX_NAME_LENGTH).toWellFormed()
  return `#/${encodeURI(shown.replaceAll('~', '~0').replaceAll('/', '~1'))}`
}

function describe (
  keyword: string,
  params: Record<string, unknown>,
  message = 'is not valid'
): string {
  switch (keyword) {
    case 'required':
      return 'is missing'
    case 'additionalProperties':
      return 'is not a field we know'
    case 'minLength':
      return 'must not be empty'
    case 'maxLength':
      return `must be at most ${params.limit} characters long`
    default:
      return message
  }
}
