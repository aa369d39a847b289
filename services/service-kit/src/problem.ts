import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { FromSchema, JSONSchema } from 'json-schema-to-ts'
import type { DescribeClientError } from './connections.ts'

const text = (description: string) => ({ type: 'string', description }) as const

/** Error responses of the APIs. */
export const ProblemSchema = {
  $id: 'Problem',
  description: 'RFC 9457 problem details',
  type: 'object',
  properties: {
    type: text('Names the kind of problem, such as urn:guestbook:problem:invalid-input.'),
    title: text('The kind of problem in words; the same for every occurrence.'),
    status: { type: 'integer', description: 'The HTTP status.' },
    detail: text('What happened this time and what to do.'),
    traceId: text('Id of the request in logs and traces.'),
    errors: {
      type: 'array',
      description: 'Every invalid value.',
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

interface ProblemOptions {
  readonly errors?: FieldError[]
  readonly retryAfterSeconds?: number
  /** Additional members of this kind of problem (RFC 9457 section 3.2). */
  readonly extensions?: object
}

/** An error response. `message` is the detail that the client sees. */
export class ProblemError extends Error {
  readonly statusCode: number
  readonly kind: string
  readonly options: ProblemOptions

  constructor (statusCode: number, kind: string, detail: string, options: ProblemOptions = {}) {
    super(detail)
    this.name = 'ProblemError'
    this.statusCode = statusCode
    this.kind = kind
    this.options = options
  }
}

export function invalidInput (errors: FieldError[]): ProblemError {
  const detail = 'Some values are invalid; errors lists each of them.'
  return new ProblemError(400, 'invalid-input', detail, { errors })
}

export interface ProblemErrorsOptions {
  /** Maps errors of the service to problems; undefined for unknown errors. */
  translate?: (error: unknown) => ProblemError | undefined
}

/** Sends every error as a problem. Details of unexpected errors are only logged. */
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
    app.setNotFoundHandler((request, reply) => {
      const detail = `No route for ${request.method} ${request.originalUrl.split('?')[0]}.`
      return sendProblem(request, reply, new ProblemError(404, 'not-found', detail))
    })
  },
  { name: 'problem-errors' }
)

/** A problem as response to a malformed HTTP request. */
export const describeProblem: DescribeClientError = ({ status, kind, detail, traceId }) => {
  const problem: Problem = { type: typeOf(kind), title: titleOf(kind), status, detail, traceId }
  return { type: 'application/problem+json', body: JSON.stringify(problem) }
}

function sendProblem (request: FastifyRequest, reply: FastifyReply, error: ProblemError) {
  const { errors, retryAfterSeconds, extensions } = error.options
  const problem: Problem = {
    type: typeOf(error.kind),
    title: titleOf(error.kind),
    status: error.statusCode,
    detail: error.message,
    traceId: request.id,
    ...(errors && { errors }),
    ...extensions
  }
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds)
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
      error.validation.slice(0, MAX_ERRORS).map(issue => fieldError(error.validationContext, issue))
    )
  }
  const status = error.statusCode ?? 500
  if (status >= 500) {
    const detail = 'Something went wrong on our side. Quote the traceId when you report it.'
    return new ProblemError(500, 'internal-error', detail)
  }
  // Fastify's messages (malformed JSON, wrong content type, body too large) are meant for clients.
  const kind = (STATUS_CODES[status] ?? 'rejected').toLowerCase().replaceAll(' ', '-')
  return new ProblemError(status, kind, error.message)
}

/** A body can hold thousands of unknown fields. */
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

/** The client chooses field names, up to the length of the body. */
const MAX_NAME_LENGTH = 40

/** JSON pointer to a field of the body, percent-encoded (RFC 6901 section 6), truncated. */
export function pointerTo (name: string): string {
  const truncated = name.slice(0, MAX_NAME_LENGTH).toWellFormed()
  return `#/${encodeURI(truncated.replaceAll('~', '~0').replaceAll('/', '~1'))}`
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
      return 'is not a known field'
    case 'minLength':
      return 'must not be empty'
    case 'maxLength':
      return `must be at most ${params.limit} characters long`
    default:
      return message
  }
}
