import { Agent } from 'undici'
import { ApiClient, type Answer, type MessagePage } from '../lib/api-client.ts'
import { messagesIn } from '../lib/page.ts'
import { Visitor } from '../lib/visitor.ts'
import type { Outcome, Post, Recorder } from './history.ts'
import { MODERATOR_TOKEN, type Instance } from './platform.ts'

/** Longer than either service takes to answer. */
const CLIENT_TIMEOUT_MS = 15_000

interface Reply { status: number | string, headers?: Answer['headers'], text: string }

/** Requests of both services that are recorded with their answers. */
export class RecordedClients {
  readonly #recorder: Recorder
  readonly #dispatcher = new Agent()
  /** The path of the messages' pages; undefined until the first post by a form. */
  #messagePath: string | undefined

  constructor (recorder: Recorder) {
    this.#recorder = recorder
  }

  visitor (): Visitor { return new Visitor('', this.#dispatcher, CLIENT_TIMEOUT_MS) }

  api ({ url }: Instance): ApiClient {
    return new ApiClient(url, {
      dispatcher: this.#dispatcher,
      timeoutMs: CLIENT_TIMEOUT_MS,
      moderatorToken: MODERATOR_TOKEN
    })
  }

  async close (): Promise<void> { await this.#dispatcher.destroy() }

  async post (process: string, backend: Instance, text: string, key: string): Promise<Post> {
    const { step, reply } = await this.#send(process, backend, async () =>
      await this.api(backend).post({ name: process, message: text }, key)
    )
    const outcome = outcomeOf(reply.status, 201)
    return this.#posted({
      ...step,
      outcome,
      text,
      ...(outcome === 'ok' && { id: JSON.parse(reply.text).id })
    })
  }

  async postByForm (
    process: string,
    visitor: Visitor,
    frontend: Instance,
    text: string
  ): Promise<Post> {
    visitor.url = `${frontend.url}/`
    const { step, reply } = await this.#send(process, frontend, async () =>
      await visitor.post(process, text)
    )
    const outcome = outcomeOf(reply.status, 303)
    if (outcome !== 'ok') return this.#posted({ ...step, outcome, text })
    const location = String(reply.headers?.location)
    const id = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(location)?.[0]
    if (id === undefined) throw new Error(`The redirect after a post names no message: ${location}`)
    // Older services redirect to an anchor.
    this.#messagePath = location.includes('#') ? undefined : location.replace(id, '')
    return this.#posted({ ...step, outcome, text, id })
  }

  async moderate (
    process: string,
    backend: Instance,
    id: string,
    hidden: boolean
  ): Promise<Outcome> {
    const { step, reply } = await this.#send(process, backend, async () =>
      await this.api(backend).moderate(id, hidden ? 'hide' : 'restore')
    )
    const outcome = outcomeOf(reply.status, 200)
    const isFound = reply.status !== 404
    this.#recorder.add({ kind: 'moderation', ...step, outcome, id, hidden, isFound })
    return outcome
  }

  async get (process: string, backend: Instance, id: string): Promise<void> {
    const { step, reply } = await this.#send(process, backend, async () =>
      await this.api(backend).get(id)
    )
    const isFound = reply.status === 200
    if (isFound) this.#recorder.saw(id, JSON.parse(reply.text).message)
    const outcome = isFound || reply.status === 404 ? 'ok' : 'unknown'
    this.#recorder.add({ kind: 'get', ...step, outcome, id, isFound, isDegraded: false })
  }

  /** Opens the page of a message, where messages have one. */
  async readMessage (
    process: string,
    visitor: Visitor,
    frontend: Instance,
    id: string
  ): Promise<void> {
    if (this.#messagePath === undefined) return
    visitor.url = `${frontend.url}${this.#messagePath}${id}`
    const { step, reply } = await this.#send(process, frontend, async () => await visitor.read())
    const isFound = reply.text.includes(`id="m-${id}"`)
    const outcome = isFound || reply.status === 404 ? 'ok' : 'unknown'
    const isDegraded = isDegradedPage(reply)
    this.#recorder.add({ kind: 'get', ...step, outcome, id, isFound, isDegraded })
  }

  /** Lists the newest messages, and older ones for as many pages. */
  async list (process: string, backend: Instance, limit: number, pages = 1): Promise<void> {
    const ids: string[] = []
    let cursor: string | null = ''
    const api = this.api(backend)
    const { step, reply } = await this.#send(process, backend, async () => {
      let answer: Answer | undefined
      for (let turned = 0; turned < pages && cursor !== null; turned++) {
        answer = await api.list({ limit, cursor })
        if (answer.status !== 200) break
        const page = JSON.parse(answer.text) as MessagePage
        ids.push(...this.#saw(page.messages))
        cursor = page.nextCursor
      }
      return answer!
    })
    this.#recorder.add({
      kind: pages > 1 ? 'walk' : 'list',
      ...step,
      outcome: reply.status === 200 ? 'ok' : 'unknown',
      ids,
      isComplete: cursor === null,
      isDegraded: false
    })
  }

  /** Reads the page, and older pages for as many pages. */
  async readPages (
    process: string,
    visitor: Visitor,
    frontend: Instance,
    pages: number
  ): Promise<void> {
    visitor.url = `${frontend.url}/`
    const ids: string[] = []
    let isComplete = false
    let isDegraded = false
    const { step, reply } = await this.#send(process, frontend, async () => {
      for (let turned = 1; ; turned++) {
        const answer = await visitor.read()
        isDegraded ||= isDegradedPage(answer)
        if (answer.status !== 200 && !isDegraded) return answer
        ids.push(...this.#saw(messagesIn(answer.text)))
        const older = /<a href="([^"]+)" rel="next">/.exec(answer.text)?.[1]
        isComplete = older === undefined
        if (isComplete || isDegraded || turned === pages) return answer
        const path = older!.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=')
        visitor.url = `${frontend.url}${path}`
      }
    })
    this.#recorder.add({
      kind: pages > 1 ? 'walk' : 'page',
      ...step,
      outcome: reply.status === 200 || isDegraded ? 'ok' : 'unknown',
      ids,
      isComplete,
      isDegraded
    })
  }

  /** The ids of every visible message, newest first. @throws Error when it cannot be read */
  async all (backend: Instance): Promise<string[]> {
    return this.#saw(await this.api(backend).all())
  }

  #saw (messages: Array<{ id: string, message: string }>): string[] {
    for (const { id, message } of messages) this.#recorder.saw(id, message)
    return messages.map(({ id }) => id)
  }

  #posted (post: Omit<Post, 'kind'>): Post {
    const operation: Post = { kind: 'post', ...post }
    this.#recorder.add(operation)
    if (post.id !== undefined) this.#recorder.saw(post.id, post.text)
    return operation
  }

  /** Measures a request; an error's name takes the place of the status. */
  async #send (process: string, { name: via }: Instance, request: () => Promise<Answer>) {
    const invokedAt = this.#recorder.now()
    let reply: Reply
    try {
      reply = await request()
    } catch (error) {
      const { name, code } = error as NodeJS.ErrnoException
      reply = { status: code ?? name, text: '' }
    }
    const completedAt = this.#recorder.now()
    return { step: { process, via, invokedAt, completedAt, status: reply.status }, reply }
  }
}

/** Whether a page is marked "as of". */
const isDegradedPage = ({ text }: Reply): boolean => text.includes('class="notice"')

function outcomeOf (status: number | string, wanted: number): Outcome {
  if (status === wanted) return 'ok'
  return typeof status === 'number' && status >= 400 && status < 500 ? 'fail' : 'unknown'
}
