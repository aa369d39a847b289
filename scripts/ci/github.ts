/** The few calls of GitHub's REST API that scripts make. */
const TRIES = 3
/** Stands for the status where there is no response. */
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
 * Calls `/repos/OWNER/NAME/PATH` and gives the answer's JSON. What the server may have not done (429, 5xx, no answer) is tried
 * three times; posts only where it has certainly not been done.
 * @throws Error with the status and GitHub's own message.
 */
export async function call<T> (
  { url, token, repository, pauseMs = 1000 }: Api,
  method: string,
  path: string,
  body?: object
): Promise<T> {
  for (let tries = 1; ; tries++) {
    const response = await fetch(`${url}/repos/${repository}/${path}`, {
      method,
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token}`,
        'x-github-api-version': '2022-11-28'
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) })
    }).catch(noAnswer)
    if (response.ok) return (await response.json()) as T
    const { status } = response
    const isWorthATry =
      status === 429 || ((status === NO_ANSWER || status >= 500) && method !== 'POST')
    if (!isWorthATry || tries === TRIES) {
      const { message = 'no message' } = (await response.json().catch(() => ({}))) as {
        message?: string
      }
      const answered = status === NO_ANSWER ? 'gave no answer' : `answered ${status}`
      throw new Error(`GitHub ${answered} to ${method} ${path}: ${message}`)
    }
    await new Promise(resolve => setTimeout(resolve, pauseMs * tries))
  }
}

function noAnswer ({ message, cause }: Error) {
  const reason = cause instanceof Error ? cause.message : message
  return { ok: false, status: NO_ANSWER, json: async () => ({ message: reason }) }
}

/** The API as a workflow's environment describes it. @throws Error naming the variables that are missing. */
export function apiOf (env: NodeJS.ProcessEnv): Api {
  const missing = ['GITHUB_TOKEN', 'GITHUB_REPOSITORY'].filter(name => !env[name])
  if (missing.length > 0) {
    throw new Error(`${missing.join(' and ')} must be set, as a workflow has them`)
  }
  return {
    url: env.GITHUB_API_URL ?? 'https://api.github.com',
    token: env.GITHUB_TOKEN!,
    repository: env.GITHUB_REPOSITORY!
  }
}
