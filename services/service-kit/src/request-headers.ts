import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { ProblemError } from './problem.ts'
import { hasBody } from './request-bodies.ts'

/** RFC 9110 section 7.2: a name or an address, with an optional port. */
const HOST = /^(?:\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]+)(?::\d{0,5})?$/i
const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]*)/gi
/** ASCII is a subset of UTF-8. */
const CHARSETS = ['utf-8', 'utf8', 'us-ascii']

/** Rejects requests with an ambiguous Host or a body in an unsupported encoding. */
export const requestHeaders = fp(async app => {
  app.addHook('onRequest', (request, reply, done) => {
    done(hostProblem(request) ?? bodyProblem(request, reply))
  })
}, { name: 'request-headers' })

function hostProblem ({ raw, headers }: FastifyRequest): ProblemError | undefined {
  const { rawHeaders } = raw
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    if (rawHeaders[at]!.toLowerCase() === 'host') count++
  }
  if (count === 0 && raw.httpVersion === '1.0') return
  if (count === 1 && HOST.test(headers.host ?? '')) return
  const detail = count === 1
    ? 'The Host header is not a host with an optional port.'
    : `A request has one Host header; this one has ${count}.`
  return new ProblemError(400, 'bad-request', detail, {
    errors: [{ header: 'host', detail: count === 1 ? 'is not a host' : `was sent ${count} times` }]
  })
}

function bodyProblem (request: FastifyRequest, reply: FastifyReply): ProblemError | undefined {
  const { headers } = request
  if (!hasBody(request)) {
    // Clients such as curl send a type without a body.
    if (headers['content-type'] !== undefined) delete headers['content-type']
    return
  }
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    reply.header('accept-encoding', 'identity')
    const message = 'Compressed bodies are not supported. Send the body without Content-Encoding.'
    return unsupported('content-encoding', message, 'must be identity')
  }
  for (const [, charset = ''] of (headers['content-type'] ?? '').matchAll(CHARSET)) {
    if (CHARSETS.includes(charset.toLowerCase())) continue
    const message = 'Only UTF-8 bodies are supported.'
    return unsupported('content-type', message, 'must name utf-8 or no charset')
  }
}

function unsupported (header: string, message: string, detail: string): ProblemError {
  return new ProblemError(415, 'unsupported-media-type', message, { errors: [{ header, detail }] })
}
