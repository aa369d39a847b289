/** Calls of GitHub's API: retries, errors, and the API and registry of an environment. */
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { apiOf, call } from '../../scripts/ci/github.ts'
import { registryOf } from '../../scripts/ci/registry.ts'
import { startGitHub, type StandIn } from './github-stand-in.ts'

let github: StandIn
beforeEach(async () => { github = await startGitHub() })
afterEach(async () => { await github.stop() })

const GET = ['GET', 'issues/7/comments'] as const
const POST = ['POST', 'issues/7/comments'] as const

test.each([
  ['succeeds', GET, [], 'done', 1],
  ['is repeated', GET, [429], 'done', 2],
  ['is repeated', GET, [500], 'done', 2],
  ['is repeated', GET, [503, 502], 'done', 3],
  ['is repeated', GET, [0, 0], 'done', 3],
  ['is executed three times', GET, [429, 429, 429], 'answered 429', 3],
  ['is executed three times', GET, [500, 502, 503], 'answered 503', 3],
  ['is executed three times', GET, [0, 0, 0], 'did not answer', 3],
  ['is an error', GET, [400], 'answered 400', 1],
  ['is an error', GET, [403], 'answered 403', 1],
  ['is an error', GET, [404], 'answered 404', 1],
  ['is an error', GET, [422], 'answered 422', 1],
  ['is an error', GET, [499], 'answered 499', 1],
  ['is repeated, because it was not executed', POST, [429, 429], 'done', 3],
  ['is an error, because it may have been executed', POST, [500], 'answered 500', 1],
  ['is an error, because it may have been executed', POST, [0], 'did not answer', 1]
] as const)('a call %s: %s with the statuses %j is %s', async (
  _, [method, path], statuses, outcome, count
) => {
  github.failures.push(
    ...statuses.map(status => [method, status, 'Because.'] as [string, number, string])
  )
  const body = method === 'POST' ? { body: 'text' } : undefined
  const result = await call(github.api, method, path, body).then(
    () => 'done',
    (error: Error) => error.message
  )
  expect(result).toMatch(outcome === 'done' ? 'done' : `GitHub ${outcome} to ${method} ${path}: `)
  expect(github.calls).toHaveLength(count)
})

test('GITHUB_API_URL replaces the API of github.com', () => {
  const env = { GITHUB_TOKEN: 't', GITHUB_REPOSITORY: 'Some.One/guestbook' }
  expect(apiOf(env)).toEqual({
    url: 'https://api.github.com',
    token: 't',
    repository: 'Some.One/guestbook'
  })
  expect(apiOf({ ...env, GITHUB_API_URL: 'https://github.example/api/v3' }).url).toBe(
    'https://github.example/api/v3'
  )
})

test.each([
  [{ GITHUB_REPOSITORY: 'someone/guestbook' }, 'ghcr.io/someone/guestbook'],
  [{ GITHUB_REPOSITORY: 'Some.ONE/GuestBook' }, 'ghcr.io/some.one/guestbook'],
  [
    { GITHUB_REPOSITORY: 'Some.One/guestbook', IMAGE_REPOSITORY: '' },
    'ghcr.io/some.one/guestbook'
  ],
  [
    { GITHUB_REPOSITORY: 'Some.One/guestbook', IMAGE_REPOSITORY: 'localhost:5000/x' },
    'localhost:5000/x'
  ],
  [{ IMAGE_REPOSITORY: 'registry.example/y' }, 'registry.example/y']
])('the registry of %j is %s', (env, registry) => {
  expect(registryOf(env)).toBe(registry)
})

test('a registry needs a repository', () => {
  expect(() => registryOf({ GITHUB_REPOSITORY: '' })).toThrow(
    'Set IMAGE_REPOSITORY to a registry'
  )
})
