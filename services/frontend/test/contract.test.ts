import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { build, cleanUp, startBackend } from './helper.ts'
import { olderOn } from './html.ts'
import { startRecordingProxy, type Exchange } from './recording-proxy.ts'
import { skipRetryPauses } from './time.ts'

skipRetryPauses()

interface Content { content?: Record<string, { schema: object }> }
interface Parameter { in: string, name: string, required?: boolean, schema: object }
interface Operation {
  operationId: string
  parameters?: Parameter[]
  requestBody?: Content & { required?: boolean }
  responses: Record<string, Content>
}
interface OpenApi {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: object }
}

/** The committed contract; the backend's tests keep it current. */
const document: OpenApi = JSON.parse(
  readFileSync(new URL('../../backend/openapi.json', import.meta.url), 'utf8')
)
const ajv = new Ajv2020({
  strict: false,
  allErrors: true,
  coerceTypes: false,
  formats: {
    uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
    'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/
  }
})

function violations (schema: object, value: unknown): string[] {
  const validate = ajv.compile({ ...schema, components: document.components })
  return validate(value)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}
const operationOf = ({ request: { method, url } }: Exchange) =>
  document.paths[url.pathname.replace(/[0-9a-f-]{36}$/, '{id}')]?.[method.toLowerCase()]
const responseOf = (exchange: Exchange) => {
  const { status } = exchange.response
  const responses = operationOf(exchange)?.responses
  return responses?.[status] ?? responses?.[`${String(status)[0]}XX`]
}
const mediaType = (headers: Exchange['request']['headers']) =>
  headers['content-type']?.split(';')[0] ?? ''

/** The requests and responses of all features, between the frontend and the real backend. */
async function exchangesOfAllFeatures (): Promise<Exchange[]> {
  const backend = await startBackend({ RATE_LIMIT_POSTS: '15' })
  cleanUp(() => { backend.service.faults.clear() })
  const { url, exchanges } = await startRecordingProxy(backend.url)
  const { visitor } = await build({ BACKEND_URL: url })
  for (let i = 0; i < 25; i++) {
    await backend.store.create({ name: 'Guest', message: `Message ${i}` })
  }
  await visitor.get(olderOn((await visitor.get()).body))
  await visitor.get()
  await visitor.get('/?before=forged')
  for (const form of [
    { name: 'Ann', message: '👋 <b>\n"' },
    { name: 'Ann', message: '👋 <b>\n"' },
    { name: '', message: '' },
    { name: 'x'.repeat(81), message: 'y'.repeat(1001) }
  ]) { await visitor.sign(form) }
  const { headers: { location } } = await visitor.sign({ name: 'Ann', message: 'to be hidden' })
  await visitor.get(location)
  await backend.store.setHidden(String(location).split('/').at(-1)!, true)
  await visitor.get(location)
  await visitor.sign({ name: 'Ann', message: 'to be hidden' })
  backend.service.faults.set({ storeDown: true, expiresInSeconds: 60 })
  await visitor.get()
  await visitor.sign({ name: 'Ann', message: 'while down' })
  backend.service.faults.clear()
  for (let i = 0; i < 20; i++) await visitor.sign({ name: 'Ann', message: `${i}` })
  return exchanges
}

test('requests and responses match the contract', async () => {
  const exchanges = await exchangesOfAllFeatures()
  const outcomes = exchanges.map(exchange =>
    `${operationOf(exchange)?.operationId} ${exchange.response.status}`)
  expect([...new Set(outcomes)].sort()).toEqual([
    'createMessage 201',
    'createMessage 400',
    'createMessage 409',
    'createMessage 429',
    'createMessage 503',
    'getMessage 200',
    'getMessage 404',
    'listMessages 200',
    'listMessages 304',
    'listMessages 400',
    'listMessages 503'
  ])
  for (const exchange of exchanges) {
    const violations = [...violationsOfRequest(exchange), ...violationsOfResponse(exchange)]
    expect({ ...exchange, violations }).toEqual({ ...exchange, violations: [] })
  }
})

test('the form names the limits of the contract', async () => {
  const body = document.paths['/api/v1/messages']!.post!.requestBody!.content!['application/json']!
  const message = { maxLength: 1000, 'x-maxLines': 50 }
  expect(body.schema).toMatchObject({ properties: { message } })
  const { visitor } = await build()
  expect((await visitor.get()).body).toContain('Up to 1,000 characters and 50 lines.')
})

function violationsOfRequest (exchange: Exchange): string[] {
  const { request } = exchange
  const { parameters = [], requestBody } = operationOf(exchange) ?? {}
  const unknown = [...request.url.searchParams.keys()]
    .filter(
      name => !parameters.some(parameter => parameter.in === 'query' && parameter.name === name)
    )
    .map(name => `query ${name} is not documented`)
  const wrong = parameters.flatMap(({ in: location, name, required, schema }) => {
    const value = {
      query: request.url.searchParams.get(name) ?? undefined,
      path: request.url.pathname.split('/').at(-1),
      header: request.headers[name]
    }[location]
    if (value === undefined) return required ? [`${name} is required`] : []
    return violations(schema, value)
  })
  if (!requestBody) {
    return [...unknown, ...wrong, ...(request.body === '' ? [] : ['a body is not documented'])]
  }
  const content = requestBody.content?.[mediaType(request.headers)]
  // Visitors may exceed the limits, which the backend checks; the types must match.
  const body = content
    ? violations(content.schema, JSON.parse(request.body)).filter(
      violation => !/must NOT have (?:fewer|more) than/.test(violation)
    )
    : ['the media type is not documented']
  return [...unknown, ...wrong, ...body]
}

function violationsOfResponse (exchange: Exchange): string[] {
  const { response } = exchange
  const documented = responseOf(exchange)
  if (!documented) return ['the status is not documented']
  if (!documented.content) return response.body === '' ? [] : ['a body is not documented']
  const content = documented.content[mediaType(response.headers)]
  if (!content) return [`the media type ${mediaType(response.headers)} is not documented`]
  return violations(content.schema, JSON.parse(response.body))
}
