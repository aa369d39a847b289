/** A stand-in for the part of GitHub's REST API that scripts use, on a free port of loopback. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Api } from '../../scripts/ci/github.ts'

export interface Comment { id: number, body: string, user: { login: string } }
export const REPOSITORY = 'someone/guestbook'
export const BOT = 'github-actions[bot]'

export interface StandIn {
  readonly api: Api
  readonly comments: Comment[]
  /** `METHOD path` of every call so far. */
  readonly calls: string[]
  /** How the next calls of a method fail, with GitHub's message; 0: there is no answer. */
  readonly failures: Array<[method: string, status: number, message: string]>
  /** What GET `compare/…` answers. */
  compare: object
  stop: () => Promise<void>
}

export async function startGitHub (): Promise<StandIn> {
  const comments: Comment[] = []
  const calls: string[] = []
  const failures: StandIn['failures'] = []
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (part: string) => { text += part }).on('end', () => {
      const { pathname, searchParams } = new URL(request.url!, 'http://github')
      const answer = (status: number, body: unknown) => {
        response
          .writeHead(status, { 'content-type': 'application/json' })
          .end(JSON.stringify(body))
      }
      const path = pathname.replace(`/repos/${REPOSITORY}/`, '')
      const query = searchParams.size > 0 ? `?page=${searchParams.get('page')}` : ''
      calls.push(`${request.method} ${path}${query}`)
      const { accept, authorization, 'x-github-api-version': version } = request.headers
      if (accept !== 'application/vnd.github+json' || version !== '2022-11-28') {
        return answer(400, { message: 'Which version?' })
      }
      if (authorization !== 'Bearer secret-token') {
        return answer(401, { message: 'Bad credentials' })
      }
      if (failures[0]?.[0] === request.method) {
        const [, status, message] = failures.shift()!
        if (status === 0) return request.socket.destroy()
        return answer(status, { message })
      }
      const [perPage, page] = [
        Number(searchParams.get('per_page')),
        Number(searchParams.get('page'))
      ]
      const edited = comments.find(({ id }) => path === `issues/comments/${id}`)
      if (request.method === 'GET' && path === 'issues/7/comments') {
        return answer(200, comments.slice((page - 1) * perPage, page * perPage))
      }
      if (request.method === 'GET' && path.startsWith('compare/')) {
        return answer(200, standIn.compare)
      }
      if (request.method === 'POST' && path === 'issues/7/comments') {
        const comment = {
          id: comments.length + 1,
          body: JSON.parse(text).body,
          user: { login: BOT }
        }
        comments.push(comment)
        return answer(201, comment)
      }
      if (request.method !== 'PATCH' || !edited) return answer(404, { message: 'Not Found' })
      edited.body = JSON.parse(text).body
      return answer(200, edited)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const standIn: StandIn = {
    api: { url, token: 'secret-token', repository: REPOSITORY, pauseMs: 1 },
    comments,
    calls,
    failures,
    compare: { ahead_by: 0, files: [] },
    stop: async () => { server.close(); server.closeAllConnections(); await once(server, 'close') }
  }
  return standIn
}
