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
  text: string
): Promise<'created' | 'updated'> {
  const comments = `issues/${pullRequest}/comments`
  const body = `${MARKER}\n${text}`
  const earlier = await findComment(api, comments)
  if (earlier) await call(api, 'PATCH', `issues/comments/${earlier.id}`, { body })
  else await call(api, 'POST', comments, { body })
  return earlier ? 'updated' : 'created'
}

async function findComment (api: Api, comments: string): Promise<Comment | undefined> {
  for (let page = 1; page <= PAGES; page++) {
    const path = `${comments}?per_page=${PER_PAGE}&page=${page}`
    const found = await call<Comment[]>(api, 'GET', path)
    // Anybody can write the marker: change only comments of workflows.
    const ours = found.find(({ body, user }) => body.startsWith(MARKER) && user?.login === AUTHOR)
    if (ours || found.length < PER_PAGE) return ours
  }
}
