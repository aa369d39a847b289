import type { Target } from './target.ts'

/** What is sent, and the statuses that may answer it. */
export interface Malformed {
  name: string
  bytes: (target: Target) => string | Uint8Array
  allowed: number[]
}

const head = ({ path, type }: Target, more: string, method = 'POST') =>
  `${method} ${path} HTTP/1.1\r\nHost: guestbook\r\nContent-Type: ${type}\r\n${more}\r\n`
const CHUNKED = 'Transfer-Encoding: chunked\r\n'
const latin1 = (text: string) => Buffer.from(text, 'latin1')

export const OVERSIZED: Malformed[] = [
  {
    name: 'address of 20 KB',
    bytes: ({ path }) => `GET ${path}?${'x'.repeat(20_000)} HTTP/1.1\r\nHost: guestbook\r\n\r\n`,
    allowed: [431]
  },
  {
    name: 'header of 20 KB',
    bytes: target => head(target, `A: ${'b'.repeat(20_000)}\r\n`, 'GET'),
    allowed: [431]
  },
  {
    name: '2,000 headers',
    bytes: target => head(target, 'A: b\r\n'.repeat(2000) + `C: ${'d'.repeat(8000)}\r\n`, 'GET'),
    allowed: [431]
  },
  {
    name: 'body of 10 MB announced',
    bytes: target => head(target, 'Content-Length: 10000000\r\n'),
    allowed: [413]
  },
  {
    name: 'chunks of 100 KB',
    bytes: target => head(target, CHUNKED) + `19000\r\n${'x'.repeat(0x19000)}\r\n0\r\n\r\n`,
    allowed: [413]
  },
  {
    name: 'endless chunk extension',
    bytes: target => head(target, CHUNKED) + `1;${'x'.repeat(40_000)}`,
    allowed: [413]
  }
]

export const MALFORMED: Malformed[] = [
  { name: 'no HTTP', bytes: () => '\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03', allowed: [400] },
  {
    name: 'unknown method',
    bytes: ({ path }) => `BREW ${path} HTTP/1.1\r\nHost: guestbook\r\n\r\n`,
    allowed: [400]
  },
  {
    name: 'unknown version',
    bytes: ({ path }) => `GET ${path} HTTP/9.9\r\nHost: guestbook\r\n\r\n`,
    allowed: [400]
  },
  { name: 'no host', bytes: ({ path }) => `GET ${path} HTTP/1.1\r\n\r\n`, allowed: [400] },
  {
    name: 'length that is no number',
    bytes: target => head(target, 'Content-Length: many\r\n'),
    allowed: [400]
  },
  {
    name: 'negative length',
    bytes: target => head(target, 'Content-Length: -1\r\n'),
    allowed: [400]
  },
  {
    name: 'two lengths',
    bytes: target => head(target, 'Content-Length: 1\r\nContent-Length: 2\r\n'),
    allowed: [400]
  },
  {
    name: 'length beside chunks',
    bytes: target => head(target, `Content-Length: 1\r\n${CHUNKED}`) + '0\r\n\r\n',
    allowed: [400]
  },
  {
    name: 'chunks twice',
    bytes: target => head(target, 'Transfer-Encoding: chunked, identity\r\n') + '0\r\n\r\n',
    allowed: [400]
  },
  {
    name: 'broken chunk',
    bytes: target => head(target, CHUNKED) + 'ZZ\r\nhello\r\n0\r\n\r\n',
    allowed: [400]
  },
  {
    name: 'null byte in a header',
    bytes: target => head(target, 'A: b\0c\r\n', 'GET'),
    allowed: [400]
  },
  {
    name: 'null byte in the address',
    bytes: ({ path }) => `GET ${path}\0 HTTP/1.1\r\nHost: guestbook\r\n\r\n`,
    allowed: [400]
  },
  {
    name: 'line feeds alone',
    bytes: ({ path }) => `GET ${path} HTTP/1.1\nHost: guestbook\nA: b\n\n`,
    allowed: [400]
  },
  {
    name: 'address that cannot be decoded',
    bytes: ({ path }) => `GET ${path}/%ff%zz HTTP/1.1\r\nHost: guestbook\r\n\r\n`,
    allowed: [404]
  },
  {
    name: 'address that is not UTF-8',
    bytes: ({ path }) => latin1(`GET ${path}/\xff\xfe HTTP/1.1\r\nHost: guestbook\r\n\r\n`),
    allowed: [400, 404]
  },
  {
    name: 'body that is not UTF-8',
    bytes: target => latin1(head(target, 'Content-Length: 4\r\n') + '\xff\xfe\xfd\xfc'),
    allowed: [400]
  },
  {
    name: 'null bytes as body',
    bytes: target => head(target, 'Content-Length: 4\r\n') + '\0\0\0\0',
    allowed: [400]
  },
  {
    name: 'body in an unknown encoding',
    bytes: target => head(target, 'Content-Encoding: gzip\r\nContent-Length: 4\r\n') + 'abcd',
    allowed: [400, 415]
  }
]
