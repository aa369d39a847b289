import { LIMITS, MAX_LINES, type FieldError } from '@guestbook/service-kit'
import type { AssetUrls } from '../assets.ts'
import type { Message, Page } from '../backend-client.ts'
import type { Draft } from '../form.ts'
import { Representation } from '../representation.ts'

/** Renders the template `name` to HTML; given by @fastify/view. */
export type Render = (name: string, data: object) => Promise<string>

export interface GuestbookView {
  page: Page
  /** Set when these messages are not fresh: when they were. */
  asOf?: Date | undefined
  /** Whether this is the newest page, the one with the form. */
  isNewest: boolean
  draft?: Draft | undefined
  /** Told above the form. */
  alert?: string | undefined
  fieldErrors?: FieldError[] | undefined
  /** Shown wherever something went wrong, so that a report can be matched with logs and traces. */
  reference?: string | undefined
}

const DAY_AND_TIME = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })
const TIME = new Intl.DateTimeFormat('en-GB', { timeStyle: 'short', timeZone: 'UTC' })
const NUMBER = new Intl.NumberFormat('en-GB')

/** Turns data into pages. Templates only place what is worked out here. */
export class Pages {
  readonly #render: Render
  readonly #assets: AssetUrls

  constructor (render: Render, assets: AssetUrls) {
    this.#render = render
    this.#assets = assets
  }

  async guestbook ({ page, asOf, isNewest, draft, alert, fieldErrors = [], reference }: GuestbookView): Promise<Representation> {
    const errorOf = (field: string) => {
      const error = fieldErrors.find(({ pointer }) => pointer === `#/${field}`)
      return error && `The ${field} ${error.detail}.`
    }
    return await this.#html('guestbook.hbs', {
      title: isNewest ? 'Guestbook' : 'Older messages · Guestbook',
      isNewest,
      messages: page.messages.map(toView),
      older: page.nextCursor === null ? undefined : `/?before=${encodeURIComponent(page.nextCursor)}`,
      asOf: asOf && { iso: asOf.toISOString(), text: `${TIME.format(asOf)} UTC` },
      draft,
      alert,
      errors: { name: errorOf('name'), message: errorOf('message') },
      limits: { name: NUMBER.format(LIMITS.name), message: NUMBER.format(LIMITS.message), lines: MAX_LINES },
      reference
    })
  }

  async error (view: { title: string, text: string, reference: string }): Promise<Representation> {
    return await this.#html('error.hbs', view)
  }

  async #html (template: string, data: object): Promise<Representation> {
    return new Representation('text/html; charset=utf-8', await this.#render(template, { ...data, assets: this.#assets }))
  }
}

function toView ({ id, name, message, createdAt }: Message) {
  return { id, name, message, iso: createdAt, when: `${DAY_AND_TIME.format(new Date(createdAt))} UTC` }
}
