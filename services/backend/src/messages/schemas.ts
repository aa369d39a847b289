import { LIMITS, ProblemSchema, type App } from '@guestbook/service-kit'
import { Type, type Static, type TSchema } from 'typebox'

/** A schema by its name, as it shall appear in the OpenAPI document. */
function ref<S extends TSchema & { $id?: string }> (schema: S) {
  return Type.Unsafe<Static<S>>({ $ref: `${schema.$id}#` })
}

const Id = Type.String({ format: 'uuid', description: 'Id of a message; ids sort in the order of creation.' })

export const NewMessageSchema = Type.Object({
  name: Type.String({ minLength: 1, maxLength: LIMITS.name, description: 'Who writes. Limits count code points after normalisation (NFC, trimmed, control characters removed).' }),
  message: Type.String({ minLength: 1, maxLength: LIMITS.message, description: 'What they write; newlines are kept.' })
}, { additionalProperties: false })

export const MessageSchema = Type.Object({
  id: Id,
  name: Type.String(),
  message: Type.String(),
  createdAt: Type.String({ format: 'date-time', description: 'When the message was stored, UTC.' })
}, { $id: 'Message' })

export const MessagePageSchema = Type.Object({
  messages: Type.Array(ref(MessageSchema), { description: 'Newest first.' }),
  nextCursor: Type.Union([Type.String(), Type.Null()], { description: 'Pass as cursor to read on; null at the end.' })
}, { $id: 'MessagePage' })

export const ModeratedMessageSchema = Type.Object({
  id: Id,
  hidden: Type.Boolean({ description: 'Whether visitors no longer see it.' })
})

export const PageQuerySchema = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 100, default: 20, description: 'Most messages to return.' }),
  cursor: Type.Optional(Type.String({ maxLength: 64, description: 'The nextCursor of the page before.' }))
}, { additionalProperties: false })

export const IdParamsSchema = Type.Object({ id: Id })

export const CreateHeadersSchema = Type.Object({
  'idempotency-key': Type.Optional(Type.String({
    pattern: '^[\\x21-\\x7e]{1,255}$',
    description: 'Makes a repeated post safe for 24 hours: the same key and text give the first answer again.'
  }))
})

/** Every error of a route; the statuses it can take stand in the description of each operation. */
export const problems = { '4xx': ref(ProblemSchema), '5xx': ref(ProblemSchema) }
export const message = ref(MessageSchema)
export const messagePage = ref(MessagePageSchema)

export function addMessageSchemas (app: App): void {
  for (const schema of [ProblemSchema, MessageSchema, MessagePageSchema]) app.addSchema(schema)
}
