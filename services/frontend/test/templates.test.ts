import { describe, expect, test } from '@jest/globals'
import { setClock } from '@guestbook/service-kit/testing'
import {
  buildWithFake, hangUp, json, onPost, pageOf, problem, STORED, type Responder
} from './fake-backend.ts'
import { skipRetryPauses } from './time.ts'

const ID = STORED.id
const PATH = `/messages/${ID}`
/** In the time zone of the tests, this is the next day. */
const HELLO = { ...STORED, createdAt: '2026-01-09T23:05:06.789Z' }

skipRetryPauses()

/** The lines of a page from one that starts with `from` to one that equals `to`. */
function linesOf (html: string, from: string, to: string): string[] {
  const lines = html
    .replace(/<[^>]+>/g, tag => tag.replace(/\s+/g, ' '))
    .replace(/[0-9a-f]{32}/g, 'REFERENCE')
    .replace(/assets\/[\w-]{27}/g, 'assets/HASH')
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
  const start = lines.findIndex(line => line.startsWith(from))
  return lines.slice(start, lines.indexOf(to, start) + 1)
}

const ARTICLE = (heading: string) => [
  '<article>',
  `<${heading} class="name" dir="auto">Ann</${heading}>`,
  `<p class="when"><a href="${PATH}"><time datetime="2026-01-09T23:05:06.789Z">` +
    '9 Jan 2026, 23:05 UTC</time></a></p>',
  '<p class="text" dir="auto">Hello</p>',
  '</article>'
]
const FORM_END = [
  '<p id="message-hint" class="hint">Up to 1,000 characters and 50 lines.</p>',
  '</div>',
  '<div class="honeypot" aria-hidden="true">',
  '<label for="website">Leave this empty</label>',
  '<input id="website" name="website" type="text" tabindex="-1" autocomplete="off">',
  '</div>',
  '<button type="submit">Sign the guestbook</button>',
  '</form>'
]
const NAME = '<input id="name" name="name" type="text" autocomplete="nickname" dir="auto" ' +
  'required value='
const MESSAGE = '<textarea id="message" name="message" rows="4" dir="auto" required ' +
  'aria-describedby='
const FORM_TOP = [
  '<form method="post" action="/">', '<div class="field">', '<label for="name">Your name</label>'
]
const BETWEEN = [
  '</div>', '<div class="field">', '<label for="message">Your message</label>'
]
const EMPTY_FORM = [
  ...FORM_TOP, `${NAME}"">`, ...BETWEEN, `${MESSAGE}"message-hint">`, '</textarea>', ...FORM_END
]
const HEAD = (title: string, preview: string[] = []) => [
  '<!doctype html>',
  '<html lang="en">',
  '<head>',
  '<meta charset="utf-8">',
  '<meta name="viewport" content="width=device-width, initial-scale=1">',
  '<meta name="color-scheme" content="light dark">',
  `<title>${title}</title>`,
  ...preview,
  '<link rel="stylesheet" href="/assets/HASH/guestbook.css">',
  '<link rel="icon" href="/assets/HASH/icon.svg" type="image/svg+xml">',
  '</head>',
  '<body>',
  '<header class="masthead">',
  '<p class="brand">',
  '<a href="/"><img src="/assets/HASH/icon.svg" alt="" width="28" height="28">Guestbook</a>',
  '</p>',
  '</header>',
  '<main class="book">',
  '<div class="ribbon"></div>'
]
const END = ['</main>', '</body>', '</html>']
const REFERENCE = '<p class="reference">Reference: <code>REFERENCE</code></p>'
const alertOf = (text: string, ...link: string[]) =>
  ['<div class="alert" role="alert">', `<p>${text}</p>`, ...link, REFERENCE, '</div>']
const UNREACHABLE = 'The guestbook cannot be reached just now.'
const SECTION = [
  '<section class="page" aria-labelledby="messages">',
  '<h2 id="messages">What guests wrote</h2>'
]
const LIST = [
  '<ol class="messages">', `<li id="m-${ID}" class="message">`, ...ARTICLE('h3'), '</li>', '</ol>'
]
const OLDER = '<a href="/?before&#x3D;a%2Fb" rel="next">Older messages</a>'
const NEWEST = '<a href="/">Newest messages</a>'
const NAV = '<nav class="pagination" aria-label="Pages">'

test('the newest page, with messages and older ones', async () => {
  const { visitor } = await buildWithFake(pageOf([HELLO], 'a/b'))
  const { body } = await visitor.get()
  expect(linesOf(body, '<!doctype', '</html>')).toEqual([
    ...HEAD('Guestbook'),
    '<div class="page">',
    '<div class="sticky">',
    '<h1>Leave a few words</h1>',
    '<p class="lead">A hello, a thank-you, a small story: the book is open.</p>',
    ...EMPTY_FORM,
    '</div>',
    '</div>',
    ...SECTION, ...LIST, NAV, OLDER, '</nav>', '</section>',
    ...END
  ])
})

test('a page of older messages, with a link to the next', async () => {
  const { visitor } = await buildWithFake(pageOf([HELLO], 'a/b'))
  const { body } = await visitor.get('/?before=x')
  expect(linesOf(body, '<!doctype', '</html>')).toEqual([
    ...HEAD('Older messages · Guestbook'),
    '<div class="page">',
    '<div class="sticky">',
    '<h1>Older messages</h1>',
    '<p class="lead">You are leafing back through the book.',
    'To write, turn to the <a href="/">newest messages</a>.</p>',
    '</div>',
    '</div>',
    ...SECTION, ...LIST, NAV, NEWEST, OLDER, '</nav>', '</section>',
    ...END
  ])
})

test.each<[string, Responder, string, string[]]>([
  ['/', pageOf([]), 'Nobody has written yet. Be the first!', []],
  ['/?before=x', pageOf([]), 'There are no older messages.', [NAV, NEWEST, '</nav>']],
  ['/', hangUp, 'No messages can be shown just now.', []]
])('a section without messages says why: %s', async (url, answer, note, navigation) => {
  const { visitor } = await buildWithFake(answer)
  const { body } = await visitor.get(url)
  expect(linesOf(body, '<section', '</section>'))
    .toEqual([...SECTION, `<p class="empty">${note}</p>`, ...navigation, '</section>'])
})

test('stale messages, with the alert above the form and in the title', async () => {
  const { visitor, backend } = await buildWithFake(pageOf([HELLO]))
  setClock('2026-01-31T23:59:59.999Z')
  await visitor.get()
  backend.respondWith(hangUp)
  const { body } = await visitor.get()
  expect(body).toContain(`  <title>${UNREACHABLE} · Guestbook</title>\n`)
  expect(linesOf(body, '<p class="lead"', '</form>').slice(1))
    .toEqual([...alertOf(UNREACHABLE), ...EMPTY_FORM])
  expect(linesOf(body, '<section', '</section>')).toEqual([
    ...SECTION,
    '<p class="notice">Shown as of <time datetime="2026-01-31T23:59:59.999Z">' +
      '31 Jan 2026, 23:59 UTC</time>.',
    'Newer messages may be missing.</p>',
    ...LIST,
    '</section>'
  ])
})

describe('a rejected form', () => {
  const invalid = (...fields: string[]) => {
    const errors = fields.map(name => ({ pointer: `#/${name}`, detail: 'is odd' }))
    return json(400, { detail: 'no', errors })
  }
  const alert = alertOf('Please check the fields marked below.')
  const nameError = '<p id="name-error" class="error">The name is odd.</p>'
  const messageError = '<p id="message-error" class="error">The message is odd.</p>'
  const markedName = `${NAME}"A&quot;" aria-invalid="true" aria-describedby="name-error" autofocus>`
  const draft = ['&lt;b&gt;</textarea>']

  test.each([
    ['name', ['name'], [
      ...FORM_TOP, markedName, nameError, ...BETWEEN,
      `${MESSAGE}"message-hint">`, ...draft, ...FORM_END
    ]],
    ['message', ['message'], [
      ...FORM_TOP, `${NAME}"A&quot;">`, ...BETWEEN,
      `${MESSAGE}"message-error message-hint" aria-invalid="true" autofocus>`, ...draft,
      messageError, ...FORM_END
    ]],
    ['name and message', ['name', 'message'], [
      ...FORM_TOP, markedName, nameError, ...BETWEEN,
      `${MESSAGE}"message-error message-hint" aria-invalid="true">`, ...draft,
      messageError, ...FORM_END
    ]]
  ])('with an invalid %s', async (_what, fields, form) => {
    const { visitor } = await buildWithFake(onPost(invalid(...fields)))
    const { body } = await visitor.sign({ name: 'A"', message: '<b>' })
    expect(linesOf(body, '<div class="alert"', '</form>')).toEqual([...alert, ...form])
  })

  test('that repeats a message links to it', async () => {
    const replayed = json(201, HELLO, { 'idempotency-replayed': 'true' })
    const { visitor } = await buildWithFake(onPost(replayed))
    const { body } = await visitor.sign({ name: 'Ann', message: 'Hello' })
    const link = `<p><a href="${PATH}">See it in the guestbook</a></p>`
    expect(linesOf(body, '<div class="alert"', '</div>'))
      .toEqual(alertOf('You already wrote this on 9 Jan 2026, 23:05 UTC.', link))
  })
})

const MESSAGE_PAGE = [
  '<p class="lead">A guest wrote</p>',
  `<div id="m-${ID}" class="message">`,
  ...ARTICLE('h1'),
  '</div>',
  NAV,
  `<a href="/#m-${ID}">To the guestbook</a>`,
  '</nav>',
  '</div>'
]
const PREVIEW = [
  '<meta name="description" content="Hello">',
  '<meta property="og:type" content="article">',
  '<meta property="og:site_name" content="Guestbook">',
  '<meta property="og:title" content="Ann · Guestbook">',
  '<meta property="og:description" content="Hello">',
  `<meta property="og:url" content="http://book.example${PATH}">`,
  `<link rel="canonical" href="http://book.example${PATH}">`
]

test('the page of a message', async () => {
  const { visitor } = await buildWithFake(json(200, HELLO))
  const { body } = await visitor.get(PATH, { host: 'book.example' })
  expect(linesOf(body, '<!doctype', '</html>'))
    .toEqual([...HEAD('Ann · Guestbook', PREVIEW), '<div class="page">', ...MESSAGE_PAGE, ...END])
})

test('the page of a stale message', async () => {
  const { visitor, backend } = await buildWithFake(pageOf([HELLO]))
  await visitor.get()
  backend.respondWith(problem(503))
  const { body } = await visitor.get(PATH)
  const lines = linesOf(body, '<div class="alert"', '</main>')
  const notice = lines.splice(4, 2).join(' ')
  expect(notice.replace(/\d[^<>"]+/g, 'WHEN')).toBe('<p class="notice">' +
    'Shown as of <time datetime="WHEN">WHEN</time>. It may have been hidden since.</p>')
  expect(lines).toEqual([...alertOf(UNREACHABLE), ...MESSAGE_PAGE, '</main>'])
})

test('an error page', async () => {
  const { visitor } = await buildWithFake(pageOf([]))
  const { body } = await visitor.get('/nothing')
  expect(linesOf(body, '<!doctype', '</html>')).toEqual([
    ...HEAD('There is nothing here'),
    '<div class="page">',
    '<h1>There is nothing here</h1>',
    '<p>There is no page at this address, or its message is no longer shown.</p>',
    '<p><a href="/">To the guestbook</a></p>',
    REFERENCE,
    '</div>',
    ...END
  ])
})
