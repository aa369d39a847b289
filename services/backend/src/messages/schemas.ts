import { ProblemSchema, type App } from '@guestbook/service-kit'
import type { JSONSchema } from 'json-schema-to-ts'
import { LIMITS, MAX_LINES, MAX_MARKS, TEXT_RULES } from './text.ts'

const id = {
  type: 'string',
  format: 'uuid',
  description: 'Id of a message. Ids sort in the order of creation.'
} as const

const createdAt = {
  type: 'string', format: 'date-time', description: 'When the message was stored, UTC.'
} as const
const hidden = {
  type: 'boolean', description: 'Whether it is hidden from visitors. For moderators only.'
} as const
const version = {
  type: 'integer',
  description:
    'How often it was hidden or restored. In quotes, the value of If-Match. For moderators only.'
} as const

export const NewMessageSchema = {
  type: 'object',
  properties: {
    name: {
      type: 'string',
      minLength: 1,
      maxLength: LIMITS.name,
      ...TEXT_RULES,
      description:
        'Name of the author, on one line. Limits count code points after normalisation: NFC, ' +
        'trimmed, line breaks as \\n, without control characters and direction overrides. ' +
        'Before, a text may be four times as long. ' +
        `At most ${MAX_MARKS} combining marks in a row, and at least one visible character.`
    },
    message: {
      type: 'string',
      minLength: 1,
      maxLength: LIMITS.message,
      ...TEXT_RULES,
      description:
        `Text of up to ${MAX_LINES} lines. A line without a visible character counts as blank; ` +
        'consecutive blank lines become one.'
    }
  },
  required: ['name', 'message'],
  additionalProperties: false
} as const satisfies JSONSchema

/** The schema of a response, named for references. */
const shared = ($id: string, properties: object, required = Object.keys(properties)) =>
  ({ $id, type: 'object', properties, required, additionalProperties: false })

const name = { type: 'string' }
const SHARED = [
  shared(
    'Message',
    { id, name, message: name, createdAt, hidden, version },
    ['id', 'name', 'message', 'createdAt']
  ),
  shared('MessagePage', {
    messages: { type: 'array', items: { $ref: 'Message#' }, description: 'Newest first.' },
    nextCursor: {
      type: ['string', 'null'],
      description: 'The cursor of the next page; null on the last one.'
    }
  }),
  shared('ModeratedMessage', { id, hidden, version })
]

export const PageQuerySchema = {
  type: 'object',
  properties: {
    limit: {
      type: 'integer',
      minimum: 1,
      maximum: 100,
      default: 20,
      description: 'Maximum number of messages.'
    },
    cursor: { type: 'string', maxLength: 64, description: 'The nextCursor of the previous page.' },
    hidden: {
      type: 'boolean',
      default: false,
      description: 'Lists hidden messages instead of visible ones. Requires the moderator token.'
    }
  },
  additionalProperties: false
} as const satisfies JSONSchema

export const ReadQuerySchema = {
  type: 'object',
  properties: {
    hidden: {
      type: 'boolean',
      default: false,
      description:
        'Reads the message even if it is hidden, with its version. Requires the moderator token.'
    }
  },
  additionalProperties: false
} as const satisfies JSONSchema

export const IdParamsSchema = {
  type: 'object',
  properties: { id },
  required: ['id']
} as const satisfies JSONSchema

export const CreateHeadersSchema = {
  type: 'object',
  properties: {
    'idempotency-key': {
      type: 'string',
      pattern: '^[\\x21-\\x7e]{1,255}$',
      description:
        'Makes the post safe to repeat for 24 hours: the same key and text get the first response.'
    },
    'idempotency-scope': {
      type: 'string',
      pattern: '^[\\x21-\\x7e]{1,255}$',
      description:
        'Alternative to a key: a random id of the sender. For 24 hours, the same text in the ' +
        'same scope is one message, compared after normalisation. Ignored if there is a key.'
    }
  }
} as const satisfies JSONSchema

export const ModerateHeadersSchema = {
  type: 'object',
  properties: {
    'if-match': {
      type: 'string',
      pattern: '^"[0-9]{1,9}"$',
      description:
        'The version that the decision is based on, such as "0". If the message has another ' +
        'version, nothing changes (412), so a delayed request cannot undo a later one.'
    }
  }
} as const satisfies JSONSchema

const text = (description: string) => ({ type: 'string', description }) as const
const etag = { ETag: text('For If-None-Match.') } as const
const replayed = {
  'Idempotency-Replayed': {
    type: 'string',
    enum: ['true'],
    description: 'Present if an earlier request stored the message.'
  }
} as const
const retryAfter = {
  'Retry-After': { type: 'integer', minimum: 0, description: 'Seconds until a retry may succeed.' }
} as const

// Responses refer to shared schemas by name, as does the OpenAPI document.
export const message = { description: 'The message', headers: etag, $ref: 'Message#' } as const
export const created = {
  description: 'The message, stored by this request or an earlier one',
  headers: { Location: text('Path of the message in this API.'), ...replayed },
  $ref: 'Message#'
} as const
export const messagePage = {
  description: 'One page of messages', headers: etag, $ref: 'MessagePage#'
} as const
export const moderatedMessage = {
  description: 'The new state of the message',
  headers: { ETag: text('The version, for If-Match.') },
  $ref: 'ModeratedMessage#'
} as const
export const unchanged = {
  type: 'null', description: 'Unchanged since the ETag sent as If-None-Match', headers: etag
} as const
const problem = <Headers extends object>(description: string, headers: Headers) => ({
  description, headers, content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } }
}) as const
const MessageHiddenProblemSchema = {
  ...ProblemSchema,
  $id: 'MessageHiddenProblem',
  description: 'Problem details of a repeated post whose message is hidden; createdAt is its time',
  properties: { ...ProblemSchema.properties, createdAt },
  required: [...ProblemSchema.required, 'createdAt']
} as const satisfies JSONSchema
export const hiddenReplay = {
  description: 'An earlier request stored the message, which is hidden now (message-hidden)',
  headers: replayed,
  content: { 'application/problem+json': { schema: { $ref: 'MessageHiddenProblem#' } } }
} as const
export const problems = {
  429: problem('The client exceeded its rate limit', retryAfter),
  503: problem('The service is overloaded, or its store is unavailable', retryAfter),
  '4xx': problem('The request is invalid', { Allow: text('With 405: the supported methods.') }),
  '5xx': problem('The service failed', {})
} as const
/** Of operations that require the moderator token. */
export const moderatorProblems = {
  401: problem('The moderator token is missing or wrong', {
    'WWW-Authenticate': text('The scheme of the token: Bearer.')
  }),
  ...problems
} as const

export function addMessageSchemas (app: App): void {
  for (const schema of [ProblemSchema, MessageHiddenProblemSchema, ...SHARED]) app.addSchema(schema)
}
