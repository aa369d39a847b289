import type { App, FieldError } from '@guestbook/service-kit'
import type { Message, Page } from '../backend/contract.ts'
import type { Draft } from '../form.ts'
import type { AssetUrls } from '../routes/assets.ts'
import { messagePath } from './message-path.ts'
import { Representation } from './representation.ts'

export interface Link { url: string, text: string }

interface View {
  /** Of stale messages: when they were read. */
  asOf?: Date | undefined
  /** What went wrong. */
  alert?: string | undefined
  /** The trace id, which finds the request in logs and traces. */
  reference?: string | undefined
}

interface MessageView extends View {
  message: Message
  /** The guestbook's public scheme and host. */
  origin: string
}

interface GuestbookView extends View {
  page: Page
  /** Whether this is the newest page, the one with the form. */
  isNewest: boolean
  draft?: Draft
  /** Shown with the alert. */
  link?: Link | undefined
  fieldErrors?: FieldError[]
}

const DAY_AND_TIME = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'short',
  timeZone: 'UTC'
})
const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' })
/** Graphemes of a message in a link preview; most services cut it at about this length. */
const EXCERPT_LENGTH = 200

/** Renders the pages. It computes every value; the templates contain no logic. */
export class PageRenderer {
  readonly #app: App
  readonly #assets: AssetUrls

  constructor (app: App, assets: AssetUrls) {
    this.#app = app
    this.#assets = assets
  }

  async guestbook ({ page, fieldErrors = [], ...view }: GuestbookView): Promise<Representation> {
    const errorOf = (field: string) => {
      const error = fieldErrors.find(({ pointer }) => pointer === `#/${field}`)
      return error && `The ${field} ${error.detail}.`
    }
    const { nextCursor } = page
    return await this.#html('guestbook.hbs', {
      ...view,
      title: view.isNewest ? 'Guestbook' : 'Older messages · Guestbook',
      messages: page.messages.map(articleOf),
      older: nextCursor !== null && `/?before=${encodeURIComponent(nextCursor)}`,
      hasPagination: !view.isNewest || nextCursor !== null,
      errors: { name: errorOf('name'), message: errorOf('message') }
    })
  }

  async message ({ message, origin, ...view }: MessageView): Promise<Representation> {
    const url = `${origin}${messagePath(message.id)}`
    return await this.#html('message.hbs', {
      ...view,
      title: `${message.name} · Guestbook`,
      message: articleOf(message),
      preview: { url, description: excerpt(message.message) }
    })
  }

  async error (view: { title: string; text: string; reference: string }): Promise<Representation> {
    return await this.#html('error.hbs', view)
  }

  async #html (template: string, { asOf, ...view }: View & Record<string, unknown>) {
    const html = await this.#app.view(template, {
      ...view,
      asOf: asOf && { iso: asOf.toISOString(), text: dayAndTime(asOf) },
      assets: this.#assets
    })
    return new Representation('text/html; charset=utf-8', html)
  }
}

export const dayAndTime = (time: string | Date) => `${DAY_AND_TIME.format(new Date(time))} UTC`

const articleOf = ({ id, name, message, createdAt }: Message) => ({
  id,
  url: messagePath(id),
  name,
  message,
  iso: createdAt,
  when: dayAndTime(createdAt)
})

/** The beginning of a text on one line, cut between graphemes. */
export function excerpt (text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  let count = 0
  for (const { index } of GRAPHEMES.segment(line)) {
    if (count++ === EXCERPT_LENGTH) return `${line.slice(0, index).trimEnd()}…`
  }
  return line
}
