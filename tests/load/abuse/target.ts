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
