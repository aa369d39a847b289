/** The comment on a pull request, identified by a marker. */
import { call, type Api } from '../ci/github.ts'

export const MARKER = '<!-- guestbook: report -->'
const AUTHOR = 'github-actions[bot]'
const PER_PAGE = 100
/** Pages to search; beyond them a new comment is created. */
const PAGES = 30

interface Comment { id: number, body: string, user: { login: string } | null }

/** Creates the comment, or replaces that of an earlier run. */
export async function writeComment (
  api: Api,
  pullRequest: string,
  body: string
): Promise<'created' | 'updated'> {
  const earlier = await findComment(api, pullRequest)
  const marked = { body: `${MARKER}\n${body}` }
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
    // Anybody can write the marker: change only comments of workflows.
    const found = comments.find(
      ({ body, user }) => body.startsWith(MARKER) && user?.login === AUTHOR
    )
    if (found || comments.length < PER_PAGE) return found
  }
  return undefined
}
