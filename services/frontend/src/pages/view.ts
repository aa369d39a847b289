import { LIMITS, MAX_LINES, type FieldError } from '@guestbook/service-kit'
import type { AssetUrls } from '../assets.ts'
import type { Message, Page } from '../backend-client.ts'
import type { Draft } from '../form.ts'
import { messagePath } from './address.ts'
import { Representation } from '../representation.ts'

/** Renders the template `name` to HTML; given by @fastify/view. */
export type Render = (name: string, data: object) => Promise<string>

export interface Link { url: string, text: string }

export interface MessageView {
  message: Message
  /** Scheme and host under which visitors know the guestbook. */
  origin: string
  asOf?: Date | undefined
  alert?: string | undefined
  reference?: string | undefined
}

export interface GuestbookView {
  page: Page
  /** Set when these messages are not fresh: when they were. */
  asOf?: Date | undefined
  /** Whether this is the newest page, the one with the form. */
  isNewest: boolean
  draft?: Draft | undefined
  /** Told above the form, with a link that belongs to it. */
  alert?: string | undefined
  link?: Link | undefined
  fieldErrors?: FieldError[] | undefined
  /** Shown wherever something went wrong, so that a report can be matched with logs and traces. */
  reference?: string | undefined
}

const DAY_AND_TIME = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'medium',
  timeStyle: 'short',
  timeZone: 'UTC'
})
/** Graphemes of a message in a link preview; services that show one cut at about as many. */
const EXCERPT_LENGTH = 200
const NUMBER = new Intl.NumberFormat('en-GB')

/** Turns data into pages. Templates only place what is worked out here. */
export class Pages {
  readonly #render: Render
  readonly #assets: AssetUrls

  constructor (render: Render, assets: AssetUrls) {
    this.#render = render
    this.#assets = assets
  }

  async guestbook (view: GuestbookView): Promise<Representation> {
    const { page, asOf, isNewest, draft, alert, link, fieldErrors = [], reference } = view
    const errorOf = (field: string) => {
      const error = fieldErrors.find(({ pointer }) => pointer === `#/${field}`)
      return error && `The ${field} ${error.detail}.`
    }
    return await this.#html('guestbook.hbs', {
      title: isNewest ? 'Guestbook' : 'Older messages · Guestbook',
      isNewest,
      messages: page.messages.map(toView),
      older:
        page.nextCursor === null ? undefined : `/?before=${encodeURIComponent(page.nextCursor)}`,
      asOf: asOf && asOfView(asOf),
      draft,
      alert,
      link,
      errors: { name: errorOf('name'), message: errorOf('message') },
      limits: {
        name: NUMBER.format(LIMITS.name),
        message: NUMBER.format(LIMITS.message),
        lines: MAX_LINES
      },
      reference
    })
  }

  async message ({
    message,
    origin,
    asOf,
    alert,
    reference
  }: MessageView): Promise<Representation> {
    return await this.#html('message.hbs', {
      title: `${message.name} · Guestbook`,
      message: toView(message),
      preview: {
        url: `${origin}${messagePath(message.id)}`,
        description: excerpt(message.message)
      },
      asOf: asOf && asOfView(asOf),
      alert,
      reference
    })
  }

  async error (view: { title: string; text: string; reference: string }): Promise<Representation> {
    return await this.#html('error.hbs', view)
  }

  async #html (template: string, data: object): Promise<Representation> {
    return new Representation(
      'text/html; charset=utf-8',
      await this.#render(template, { ...data, assets: this.#assets })
    )
  }
}

export const dayAndTime = (iso: string) => `${DAY_AND_TIME.format(new Date(iso))} UTC`

const asOfView = (asOf: Date) => ({ iso: asOf.toISOString(), text: dayAndTime(asOf.toISOString()) })

function toView ({ id, name, message, createdAt }: Message) {
  return { id, url: messagePath(id), name, message, iso: createdAt, when: dayAndTime(createdAt) }
}

const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** The beginning of a text on one line, for link previews, cut between what readers see as characters. */
export function excerpt (text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  let count = 0
  for (const { index } of GRAPHEMES.segment(line)) {
    if (count++ === EXCERPT_LENGTH) return `${line.slice(0, index).trimEnd()}…`
  }
  return line
}
