import { ProblemSchema, type App } from '@guestbook/service-kit'
import type { JSONSchema } from 'json-schema-to-ts'
import { LIMITS, MAX_LINES, MAX_MARKS, TEXT_RULES } from './text.ts'

const id = {
  type: 'string',
  format: 'uuid',
  description: 'Id of a message; ids sort in the order of creation.'
} as const

const createdAt = {
  type: 'string', format: 'date-time', description: 'When the message was stored, UTC.'
} as const
const hidden = {
  type: 'boolean', description: 'Whether visitors do not see it; told to moderators alone.'
} as const
const version = {
  type: 'integer',
  description:
    'How often it was hidden or restored; in quotes, its If-Match. Told to moderators alone.'
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
        'Who writes, on one line. Limits count code points after normalisation: NFC, ' +
        'trimmed, line ends as \\n, controls and direction overrides removed. Before it a text may ' +
        `be four times as long. At most ${MAX_MARKS} combining marks may follow each other, and ` +
        'something must be visible.'
    },
    message: {
      type: 'string',
      minLength: 1,
      maxLength: LIMITS.message,
      ...TEXT_RULES,
      description:
        `What they write, on up to ${MAX_LINES} lines. A line without a visible ` +
        'character is blank; of several blank lines one remains.'
    }
  },
  required: ['name', 'message'],
  additionalProperties: false
} as const satisfies JSONSchema

const MessageSchema = {
  $id: 'Message',
  type: 'object',
  properties: {
    id,
    name: { type: 'string' },
    message: { type: 'string' },
    createdAt,
    hidden,
    version
  },
  required: ['id', 'name', 'message', 'createdAt'],
  additionalProperties: false
} as const satisfies JSONSchema

const MessagePageSchema = {
  $id: 'MessagePage',
  type: 'object',
  properties: {
    messages: { type: 'array', items: { $ref: 'Message#' }, description: 'Newest first.' },
    nextCursor: {
      type: ['string', 'null'],
      description: 'Pass as cursor to read on; null at the end.'
    }
  },
  required: ['messages', 'nextCursor'],
  additionalProperties: false
} as const satisfies JSONSchema

const ModeratedMessageSchema = {
  $id: 'ModeratedMessage',
  type: 'object',
  properties: {
    id,
    hidden,
    version
  },
  required: ['id', 'hidden', 'version'],
  additionalProperties: false
} as const satisfies JSONSchema

export const PageQuerySchema = {
  type: 'object',
  properties: {
    limit: {
      type: 'integer',
      minimum: 1,
      maximum: 100,
      default: 20,
      description: 'Most messages to return.'
    },
    cursor: { type: 'string', maxLength: 64, description: 'The nextCursor of the page before.' },
    hidden: {
      type: 'boolean',
      default: false,
      description:
        'Lists the hidden messages instead of the visible ones. Takes the moderator token.'
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
        'Reads the message even if it is hidden, with its version. Takes the moderator token.'
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
        'Makes a repeated post safe for 24 hours: the same key and text give the first response again.'
    },
    'idempotency-scope': {
      type: 'string',
      pattern: '^[\\x21-\\x7e]{1,255}$',
      description:
        'Instead of a key: a random id of the sender. The same text in the same scope is one message ' +
        'for 24 hours, compared after normalisation. Ignored beside an Idempotency-Key.'
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
        'The version the decision was made on, such as "0". If the message has another by then, nothing ' +
        'changes (412). So an action that a network delayed cannot undo a later one.'
    }
  }
} as const satisfies JSONSchema

const text = (description: string) => ({ type: 'string', description }) as const
const etag = { ETag: text('Names this state of what was read, for If-None-Match.') } as const
const replayed = {
  'Idempotency-Replayed': {
    type: 'string',
    enum: ['true'],
    description: 'Present when the message was stored by an earlier request.'
  }
} as const
const retryAfter = {
  'Retry-After': {
    type: 'integer', minimum: 0, description: 'Seconds after which another try may succeed.'
  }
} as const

// Answers refer to shared schemas by name, and so does the OpenAPI document.
export const message = { description: 'The message', headers: etag, $ref: 'Message#' } as const
export const created = {
  description: 'The message, stored now or before',
  headers: { Location: text('Path of the message in this API.'), ...replayed },
  $ref: 'Message#'
} as const
export const messagePage = {
  description: 'One page of messages', headers: etag, $ref: 'MessagePage#'
} as const
export const moderatedMessage = {
  description: 'What the message is now',
  headers: { ETag: text('The version, for If-Match.') },
  $ref: 'ModeratedMessage#'
} as const
export const unchanged = {
  type: 'null', description: 'Unchanged since the ETag sent as If-None-Match', headers: etag
} as const
const problem = <Headers extends object>(description: string, headers: Headers) => ({
  description, headers, content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } }
}) as const
/** Says when the message was written that the key stands for. */
const MessageHiddenProblemSchema = {
  ...ProblemSchema,
  $id: 'MessageHiddenProblem',
  description: 'Problem details of a repeated post whose message is hidden',
  properties: { ...ProblemSchema.properties, createdAt },
  required: [...ProblemSchema.required, 'createdAt']
} as const satisfies JSONSchema
export const hiddenReplay = {
  description: 'The same post was stored before, and its message is hidden (message-hidden)',
  headers: replayed,
  content: { 'application/problem+json': { schema: { $ref: 'MessageHiddenProblem#' } } }
} as const
export const problems = {
  429: problem('More requests than a client may send in a minute', retryAfter),
  503: problem('The service or its store is overloaded, or cannot be reached', retryAfter),
  '4xx': problem('The request was refused', {
    Allow: text('With 405: the methods that are served here.')
  }),
  '5xx': problem('The service failed', {})
} as const
/** Of what takes the moderator token. */
export const moderatorProblems = {
  401: problem('The moderator token is missing or wrong', {
    'WWW-Authenticate': text('The scheme of the token: Bearer.')
  }),
  ...problems
} as const

export function addMessageSchemas (app: App): void {
  const shared = [
    ProblemSchema,
    MessageHiddenProblemSchema,
    MessageSchema,
    MessagePageSchema,
    ModeratedMessageSchema
  ]
  for (const schema of shared) app.addSchema(schema)
}
