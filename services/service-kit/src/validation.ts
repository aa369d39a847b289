import { Ajv, type Options } from 'ajv'
import formats from 'ajv-formats'
import type { FastifyServerOptions } from 'fastify'

type SchemaController = NonNullable<FastifyServerOptions['schemaController']>
type ValidatorFactory = NonNullable<
  NonNullable<SchemaController['compilersFactory']>['buildValidator']
>

/** A keyword for string schemas that JSON Schema does not have. */
export interface StringKeyword {
  keyword: string
  isValid: (text: string) => boolean
  message: string
}

/**
 * Rejects invalid bodies instead of repairing them: no number becomes a string, no unknown field is
 * dropped. Query, path and headers are coerced, since HTTP carries them as text.
 */
export function schemaController (keywords: StringKeyword[] = []): SchemaController {
  const strict = createAjv({ coerceTypes: false }, keywords)
  const coercing = createAjv({ coerceTypes: true }, keywords)
  const buildValidator = () => ({ schema, httpPart }: { schema: object, httpPart?: string }) =>
    (httpPart === 'body' ? strict : coercing).compile(schema)
  return { compilersFactory: { buildValidator: buildValidator as unknown as ValidatorFactory } }
}

function createAjv (options: Options, keywords: StringKeyword[]): Ajv {
  const ajv = formats.default(
    new Ajv({ allErrors: true, useDefaults: true, strict: false, ...options })
  )
  for (const { keyword, isValid, message } of keywords) {
    ajv.addKeyword({
      keyword,
      type: 'string',
      validate: (_value: unknown, text: string) => isValid(text),
      error: { message }
    })
  }
  return ajv
}
