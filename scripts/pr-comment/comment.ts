/** One comment on a pull request, found again by its mark. */
import { call, type Api } from '../ci/github.ts'

export const MARK = '<!-- guestbook: report -->'
const AUTHOR = 'github-actions[bot]'
const PER_PAGE = 100
/** Pull requests with more comments than this get a new one. */
const PAGES = 30

interface Comment { id: number, body: string, user: { login: string } | null }

/** Writes the comment, over the one from an earlier run if there is one. */
export async function writeComment (
  api: Api,
  pullRequest: string,
  body: string
): Promise<'created' | 'updated'> {
  const earlier = await findComment(api, pullRequest)
  const marked = { body: `${MARK}\n${body}` }
  if (earlier) await call(api, 'PATCH', `issues/comments/${earlier.id}`, marked)
  else await call(api, 'POST', `issues/${pullRequest}/comments`, marked)
  return earlier ? 'updated' : 'created'
}

async function findComment (api: Api, pullRequest: string): Promise<Comment | undefined> {
  for (let page = 1; page <= PAGES; page++) {
    const comments = await call<Comment[]>(
      api,
      'GET',
      `issues/${pullRequest}/comments?per_page=${PER_PAGE}&page=${page}`
    )
    // Anybody can write the mark; only what a workflow has written is ours to change.
    const found = comments.find(({ body, user }) => body.startsWith(MARK) && user?.login === AUTHOR)
    if (found || comments.length < PER_PAGE) return found
  }
  return undefined
}
