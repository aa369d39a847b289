import { createWriteStream, type WriteStream } from 'node:fs'
import { once } from 'node:events'

/**
 * `unknown`: 500, 503 or a timeout, so that a write may take effect later or never.
 * `fail`: rejected, without effect.
 */
export type Outcome = 'ok' | 'fail' | 'unknown'

interface Step {
  /** The client, whose operations are sequential. */
  process: string
  /** Milliseconds on the one monotonic clock of the run. */
  invokedAt: number
  completedAt: number
  /** The service that was asked. */
  via: string
  outcome: Outcome
  /** HTTP status, or the error's name. */
  status: number | string
}

/**
 * An attempt to post. Attempts with one text carry one idempotency key: together they are one
 * message.
 */
export interface Post extends Step { kind: 'post', text: string, id?: string }

/** The newest messages, a page of older ones, or a walk over several pages. */
export interface Read extends Step {
  kind: 'page' | 'list' | 'walk'
  /** In the order of the answer. */
  ids: string[]
  /** Whether the answer says that nothing older exists. */
  isComplete: boolean
  /** Whether the answer says that newer messages may be missing. */
  isDegraded: boolean
}

/** One message by its id, or on its page. */
export interface Get extends Step {
  kind: 'get'
  id: string
  isFound: boolean
  /** Whether the answer says that it may be old. */
  isDegraded: boolean
}

/** A hide or a restore. One that does not find its message is `fail`. */
export interface Moderation extends Step {
  kind: 'moderation'
  id: string
  hidden: boolean
  isFound: boolean
}

export type Operation = Post | Read | Get | Moderation

/** The messages that are stored at the end, without faults and requests in flight. */
export interface FinalState {
  /** Visible messages, newest first. */
  visible: string[]
  /** Visible and hidden messages, newest first. */
  all: string[]
}

export interface History {
  operations: Operation[]
  /** Every text with which an id was shown: more than one is an anomaly. */
  texts: Map<string, Set<string>>
  final: FinalState
}

/** Collects a history and writes it to a file, one JSON object a line, as it happens. */
export class Recorder {
  readonly operations: Operation[] = []
  readonly texts: History['texts'] = new Map()
  readonly #file: WriteStream
  #jumpedMs = 0

  constructor (file: string) {
    this.#file = createWriteStream(file)
  }

  /** The clock of the history, in milliseconds. */
  now (): number { return performance.now() + this.#jumpedMs }

  /** Sets the clock of the history ahead. */
  jump (ms: number): void { this.#jumpedMs += ms }

  add (operation: Operation): void {
    this.operations.push(operation)
    this.#write(operation)
  }

  /** A message as it was shown. */
  saw (id: string, text: string): void {
    const texts = this.texts.get(id) ?? new Set()
    if (texts.has(text)) return
    this.texts.set(id, texts.add(text))
    this.#write({ kind: 'text', id, text })
  }

  note (what: string): void { this.#write({ kind: 'note', at: this.now(), what }) }

  async end (final: FinalState): Promise<History> {
    this.#write({ kind: 'final', ...final })
    this.#file.end()
    await once(this.#file, 'finish')
    return { operations: this.operations, texts: this.texts, final }
  }

  #write (line: object): void { this.#file.write(`${JSON.stringify(line)}\n`) }
}

/** Parses what a recorder wrote. */
export function parseHistory (lines: string): History {
  const history: History = { operations: [], texts: new Map(), final: { visible: [], all: [] } }
  for (const line of lines.split('\n').filter(Boolean)) {
    const { kind, ...rest } = JSON.parse(line)
    if (kind === 'text') {
      history.texts.set(rest.id, (history.texts.get(rest.id) ?? new Set()).add(rest.text))
    } else if (kind === 'final') history.final = rest
    else if (kind !== 'note') history.operations.push({ kind, ...rest })
  }
  return history
}

/** Operations by the client that they are of. */
export function byProcess (operations: Operation[]): Map<string, Operation[]> {
  const histories = new Map<string, Operation[]>()
  for (const operation of operations) {
    const history = histories.get(operation.process)
    if (history) history.push(operation)
    else histories.set(operation.process, [operation])
  }
  return histories
}
