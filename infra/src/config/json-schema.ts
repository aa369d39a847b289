/** Parts of the settings' JSON schema. Their literal types are what json-schema-to-ts reads. */

export const section = <const Properties extends object>(properties: Properties) =>
  ({ type: 'object', additionalProperties: false, default: {}, properties }) as const
/** One variant of a section, chosen by a constant property, the first of `required`. */
export const variant = <const Properties extends object, const Required extends readonly string[]>(
  required: Required, properties: Properties
) => ({ type: 'object', additionalProperties: false, required, properties }) as const

/** Text of a certain form. @param expected what error messages say instead of the pattern */
export const matching = <const Pattern extends string>(pattern: Pattern, expected: string) =>
  ({ type: 'string', pattern, expected }) as const
export const text = { type: 'string', minLength: 1 } as const
export const url =
  { type: 'string', format: 'url', expected: 'a URL such as https://example.com' } as const
export const cidr = matching('^[\\da-fA-F.:]+/\\d{1,3}$', 'a network such as 10.1.0.0/16')
export const digest = matching('^sha256:[\\da-f]{64}$', 'sha256: and 64 hex digits')
export const host = matching(
  '^[a-z\\d-]+(\\.[a-z\\d-]+)*$', 'a host name in lower case, without port'
)
export const registry = matching(
  '^[\\w.-]+(:\\d+)?(/[\\w./-]+)*$', 'a registry and path, without https://'
)
export const integer = (minimum: number, maximum: number) =>
  ({ type: 'integer', minimum, maximum }) as const
export const port = integer(1, 65535)
export const flag = (byDefault: boolean, description: string) =>
  ({ type: 'boolean', default: byDefault, description }) as const
