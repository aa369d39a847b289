import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { ProblemError } from './problem.ts'
import { hasBody } from './request-bodies.ts'

/** RFC 9110 section 7.2: a name or an address, and a port. */
const HOST = /^(?:\[[\da-f:.]+\]|[\w.~!$&'()*+,;=%-]+)(?::\d{0,5})?$/i
/** Spares most names of headers the comparison: every request pays for it. */
const HOST_LENGTH = 'host'.length
const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]*)/gi
/** ASCII is a part of UTF-8. */
const CHARSETS = ['utf-8', 'utf8', 'us-ascii']

/** Refuses requests whose headers leave open whom they are for, or how their body is to be read. */
export const requestHeaders = fp(async app => {
  app.addHook('onRequest', (request, reply, done) => {
    done(hostProblem(request) ?? bodyProblem(request, reply))
  })
}, { name: 'request-headers' })

function hostProblem ({ raw, headers }: FastifyRequest): ProblemError | undefined {
  const { rawHeaders } = raw
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!
    if (name.length === HOST_LENGTH && name.toLowerCase() === 'host') count++
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
    // Of nothing; clients such as curl send one all the same.
    if (headers['content-type'] !== undefined) delete headers['content-type']
    return
  }
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    reply.header('accept-encoding', 'identity')
    const message = 'The body is compressed or encoded. Send it as it is.'
    return unsupported('content-encoding', message, 'must be identity')
  }
  for (const [, charset = ''] of (headers['content-type'] ?? '').matchAll(CHARSET)) {
    if (CHARSETS.includes(charset.toLowerCase())) continue
    const message = 'The body is in another character set than UTF-8. Send it in UTF-8.'
    return unsupported('content-type', message, 'must name utf-8 or no charset')
  }
}

function unsupported (header: string, message: string, detail: string): ProblemError {
  return new ProblemError(415, 'unsupported-media-type', message, { errors: [{ header, detail }] })
}
