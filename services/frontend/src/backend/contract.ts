import type { FieldError } from '@guestbook/service-kit'
import { Ajv } from 'ajv'
import type { FromSchema, JSONSchema } from 'json-schema-to-ts'

// The frontend's part of the API in services/backend/openapi.json.
const text = { type: 'string' } as const
const MessageSchema = {
  type: 'object',
  properties: { id: text, name: text, message: text, createdAt: text },
  required: ['id', 'name', 'message', 'createdAt']
} as const satisfies JSONSchema
const PageSchema = {
  type: 'object',
  properties: {
    messages: { type: 'array', items: MessageSchema },
    nextCursor: { type: ['string', 'null'] }
  },
  required: ['messages', 'nextCursor']
} as const satisfies JSONSchema
const ProblemSchema = {
  type: 'object',
  properties: {
    detail: text,
    createdAt: text,
    errors: {
      type: 'array',
      items: {
        type: 'object',
        properties: { pointer: text, parameter: text, header: text, detail: text },
        required: ['detail']
      }
    }
  },
  required: ['detail']
} as const satisfies JSONSchema

export type Message = FromSchema<typeof MessageSchema>
export type Page = FromSchema<typeof PageSchema>
type Problem = FromSchema<typeof ProblemSchema>

const ajv = new Ajv()
export const parseMessage = parser<Message>(MessageSchema)
export const parsePage = parser<Page>(PageSchema)
export const parseProblem = parser<Problem>(ProblemSchema)

/** Parses JSON and throws when it does not match the schema. */
function parser<T> (schema: JSONSchema): (json: string) => T {
  const isValid = ajv.compile<T>(schema)
  return json => {
    let value: unknown
    try {
      value = JSON.parse(json)
    } catch { /* undefined is not valid */ }
    if (!isValid(value)) throw new Error('The backend response does not match its contract.')
    return value
  }
}

/** Network error, timeout, or status 502 to 504: the backend may or may not have stored a post. */
export class BackendUnavailable extends Error {
  override readonly name = 'BackendUnavailable'
}

/** A 4xx response: the backend rejected the request and stored nothing. */
export class BackendClientError extends Error {
  override readonly name = 'BackendClientError'
  readonly statusCode: number
  readonly errors: FieldError[]
  readonly retryAfter: string | undefined
  /** Set when the post repeats a message that is hidden now: when that was stored. */
  readonly createdAt: string | undefined

  constructor (
    statusCode: number,
    { detail, errors = [], createdAt }: Problem,
    retryAfter: string | undefined
  ) {
    super(detail)
    this.statusCode = statusCode
    this.errors = errors
    this.retryAfter = retryAfter
    this.createdAt = createdAt
  }
}
