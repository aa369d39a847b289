import { Ajv, type Options } from 'ajv'
import formats from 'ajv-formats'
import type { FastifyServerOptions } from 'fastify'
import { TEXT_KEYWORDS } from './text.ts'

type SchemaController = NonNullable<FastifyServerOptions['schemaController']>
type ValidatorFactory = NonNullable<
  NonNullable<SchemaController['compilersFactory']>['buildValidator']
>

function ajv (options: Options): Ajv {
  const ajv = formats.default(
    new Ajv({ allErrors: true, useDefaults: true, strict: false, ...options })
  )
  for (const { keyword, holds, reason } of TEXT_KEYWORDS) {
    ajv.addKeyword({
      keyword,
      type: 'string',
      validate: (_value: unknown, text: string) => holds(text),
      error: { message: reason }
    })
  }
  return ajv
}
const strict = ajv({ coerceTypes: false })
const coercing = ajv({ coerceTypes: true })

const buildValidator = () => ({ schema, httpPart }: { schema: object, httpPart?: string }) =>
  (httpPart === 'body' ? strict : coercing).compile(schema)

/**
 * Refuses what does not fit instead of repairing it: a number is not turned into a text, an unknown field is not
 * dropped. Only what HTTP can carry as text alone (query, path, headers) is converted.
 */
export const schemaController: SchemaController = {
  compilersFactory: { buildValidator: buildValidator as unknown as ValidatorFactory }
}
