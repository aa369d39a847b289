/** Calls of GitHub's REST API. */
const TRIES = 3
/** The status when there is no response. */
const NO_ANSWER = 0

export interface Api {
  /** Such as https://api.github.com; the variable GITHUB_API_URL on a runner. */
  readonly url: string
  readonly token: string
  /** `owner/name`. */
  readonly repository: string
  /** Pause before a second try, in milliseconds. @default 1000 */
  readonly pauseMs?: number
}

/**
 * Calls `/repos/OWNER/NAME/PATH` and returns the JSON of the response. Tries three times on 429,
 * 5xx or no response; a POST, which may have been executed, only on 429.
 * @throws Error with the status and GitHub's message
 */
export async function call<T> (
  { url, token, repository, pauseMs = 1000 }: Api, method: string, path: string, body?: object
): Promise<T> {
  for (let tries = 1; ; tries++) {
    const response = await fetch(`${url}/repos/${repository}/${path}`, {
      method,
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token}`,
        'x-github-api-version': '2022-11-28'
      },
      ...body && { body: JSON.stringify(body) }
    }).catch(noAnswer)
    if (response.ok) return (await response.json()) as T
    const { status } = response
    const isRetryable =
      status === 429 || ((status === NO_ANSWER || status >= 500) && method !== 'POST')
    if (!isRetryable || tries === TRIES) {
      const answer = await response.json().catch(() => ({})) as { message?: string }
      const { message = 'no message' } = answer
      const answered = status === NO_ANSWER ? 'did not answer' : `answered ${status}`
      throw new Error(`GitHub ${answered} to ${method} ${path}: ${message}`)
    }
    await new Promise(resolve => setTimeout(resolve, pauseMs * tries))
  }
}

function noAnswer ({ message, cause }: Error) {
  const reason = cause instanceof Error ? cause.message : message
  return { ok: false, status: NO_ANSWER, json: async () => ({ message: reason }) }
}

/** The API of a workflow's environment. @throws Error that names missing variables */
export function apiOf (env: NodeJS.ProcessEnv): Api {
  const missing = ['GITHUB_TOKEN', 'GITHUB_REPOSITORY'].filter(name => !env[name])
  if (missing.length > 0) throw new Error(`${missing.join(' and ')} must be set`)
  return {
    url: env.GITHUB_API_URL ?? 'https://api.github.com',
    token: env.GITHUB_TOKEN!,
    repository: env.GITHUB_REPOSITORY!
  }
}
