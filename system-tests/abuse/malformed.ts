import type { Target } from './target.ts'

/** `allowed`: the statuses that may answer the bytes. */
export type Malformed = [
  name: string, allowed: number[], bytes: (target: Target) => string | Uint8Array
]

const head = ({ path, type }: Target, more: string, method = 'POST') =>
  `${method} ${path} HTTP/1.1\r\nHost: guestbook\r\nContent-Type: ${type}\r\n${more}\r\n`
const CHUNKED = 'Transfer-Encoding: chunked\r\n'
const latin1 = (text: string) => Buffer.from(text, 'latin1')

export const OVERSIZED: Malformed[] = [
  [
    'address of 20 KB', [431],
    ({ path }) => `GET ${path}?${'x'.repeat(20_000)} HTTP/1.1\r\nHost: guestbook\r\n\r\n`
  ],
  ['header of 20 KB', [431], target => head(target, `A: ${'b'.repeat(20_000)}\r\n`, 'GET')],
  [
    '2,000 headers', [431],
    target => head(target, 'A: b\r\n'.repeat(2000) + `C: ${'d'.repeat(8000)}\r\n`, 'GET')
  ],
  ['body of 10 MB announced', [413], target => head(target, 'Content-Length: 10000000\r\n')],
  [
    'chunks of 100 KB', [413],
    target => head(target, CHUNKED) + `19000\r\n${'x'.repeat(0x19000)}\r\n0\r\n\r\n`
  ],
  ['endless chunk extension', [413], target => head(target, CHUNKED) + `1;${'x'.repeat(40_000)}`]
]

export const MALFORMED: Malformed[] = [
  ['no HTTP', [400], () => '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03'],
  ['unknown method', [400], ({ path }) => `BREW ${path} HTTP/1.1\r\nHost: guestbook\r\n\r\n`],
  ['unknown version', [400], ({ path }) => `GET ${path} HTTP/9.9\r\nHost: guestbook\r\n\r\n`],
  ['no host', [400], ({ path }) => `GET ${path} HTTP/1.1\r\n\r\n`],
  ['length that is no number', [400], target => head(target, 'Content-Length: many\r\n')],
  ['negative length', [400], target => head(target, 'Content-Length: -1\r\n')],
  ['two lengths', [400], target => head(target, 'Content-Length: 1\r\nContent-Length: 2\r\n')],
  [
    'length beside chunks', [400],
    target => head(target, `Content-Length: 1\r\n${CHUNKED}`) + '0\r\n\r\n'
  ],
  [
    'chunks twice', [400],
    target => head(target, 'Transfer-Encoding: chunked, identity\r\n') + '0\r\n\r\n'
  ],
  ['broken chunk', [400], target => head(target, CHUNKED) + 'ZZ\r\nhello\r\n0\r\n\r\n'],
  ['null byte in a header', [400], target => head(target, 'A: b\0c\r\n', 'GET')],
  [
    'null byte in the address', [400],
    ({ path }) => `GET ${path}\0 HTTP/1.1\r\nHost: guestbook\r\n\r\n`
  ],
  ['line feeds alone', [400], ({ path }) => `GET ${path} HTTP/1.1\nHost: guestbook\nA: b\n\n`],
  [
    'address that cannot be decoded', [404],
    ({ path }) => `GET ${path}/%ff%zz HTTP/1.1\r\nHost: guestbook\r\n\r\n`
  ],
  [
    'address that is not UTF-8', [400, 404],
    ({ path }) => latin1(`GET ${path}/\xff\xfe HTTP/1.1\r\nHost: guestbook\r\n\r\n`)
  ],
  [
    'body that is not UTF-8', [400],
    target => latin1(head(target, 'Content-Length: 4\r\n') + '\xff\xfe\xfd\xfc')
  ],
  ['null bytes as body', [400], target => head(target, 'Content-Length: 4\r\n') + '\0\0\0\0'],
  [
    'body in an unknown encoding', [400, 415],
    target => head(target, 'Content-Encoding: gzip\r\nContent-Length: 4\r\n') + 'abcd'
  ]
]
