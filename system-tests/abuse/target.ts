/** One of the services' public sides. */
export interface Target {
  name: 'frontend' | 'backend'
  url: string
  path: string
  /** Of a post's body. */
  type: string
  body: (text: string) => string
  /** Files that the process has open now. */
  openFiles: () => number
}

export const get = ({ path }: Target): string => `GET ${path} HTTP/1.1\r\nHost: guestbook\r\n\r\n`

export function post ({ path, type, body }: Target, text: string): string {
  const content = body(text)
  return `POST ${path} HTTP/1.1\r\nHost: guestbook\r\nContent-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(content)}\r\n\r\n${content}`
}

export interface Unfinished {
  /** Size of each chunk; without it the body has a Content-Length. */
  chunkBytes?: number
}

/** A post whose body of 65,000 bytes ends after 62,000. */
export function unfinishedPost ({ path, type }: Target, { chunkBytes }: Unfinished = {}): string {
  const chunk = chunkBytes && `${chunkBytes.toString(16)}\r\n${'x'.repeat(chunkBytes)}\r\n`
  const [length, body] = chunk
    ? ['Transfer-Encoding: chunked', chunk.repeat(62_000 / chunkBytes)]
    : ['Content-Length: 65000', 'x'.repeat(62_000)]
  return `POST ${path} HTTP/1.1\r\nHost: guestbook\r\nContent-Type: ${type}\r\n${length}\r\n\r\n${body}`
}
