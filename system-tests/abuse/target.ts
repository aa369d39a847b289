/** The HTTP server of a service. */
export interface Target {
  name: 'frontend' | 'backend'
  url: string
  path: string
  /** The media type of a post's body. */
  type: string
  body: (text: string) => string
  /** The number of files that the process has open. */
  openFiles: () => number
}

export const get = ({ path }: Target): string => `GET ${path} HTTP/1.1\r\nHost: guestbook\r\n\r\n`

const postHead = ({ path, type }: Target, length: string) =>
  `POST ${path} HTTP/1.1\r\nHost: guestbook\r\nContent-Type: ${type}\r\n${length}\r\n\r\n`

export function post (target: Target, text: string): string {
  const body = target.body(text)
  return postHead(target, `Content-Length: ${Buffer.byteLength(body)}`) + body
}

export interface Unfinished {
  /** The size of each chunk; undefined sends a Content-Length. */
  chunkBytes?: number
}

/** A post whose body of 65,000 bytes ends after 62,000. */
export function unfinishedPost (target: Target, { chunkBytes }: Unfinished = {}): string {
  if (chunkBytes === undefined) {
    return postHead(target, 'Content-Length: 65000') + 'x'.repeat(62_000)
  }
  const chunk = `${chunkBytes.toString(16)}\r\n${'x'.repeat(chunkBytes)}\r\n`
  return postHead(target, 'Transfer-Encoding: chunked') + chunk.repeat(62_000 / chunkBytes)
}
