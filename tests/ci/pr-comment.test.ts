import { readdirSync, readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { temporaryFolder } from '@guestbook/service-kit/testing'
import { MARKER, writeComment } from '../../scripts/pr-comment/comment.ts'
import { Checkout } from './checkout.ts'
import { BOT, startGitHub, type StandIn } from './github-stand-in.ts'
import { ROOT } from './repository.ts'

let github: StandIn
beforeEach(async () => { github = await startGitHub() })
afterEach(async () => { await github.stop() })

describe('the comment', () => {
  test('is created once and then updated', async () => {
    expect(await writeComment(github.api, '7', 'first')).toBe('created')
    expect(await writeComment(github.api, '7', 'second')).toBe('updated')
    expect(github.comments).toEqual([
      {
        id: 1,
        body: '<!-- guestbook: report -->\nsecond',
        user: { login: 'github-actions[bot]' }
      }
    ])
    expect(github.calls).toEqual([
      'GET issues/7/comments?page=1',
      'POST issues/7/comments',
      'GET issues/7/comments?page=1',
      'PATCH issues/comments/1'
    ])
  })

  test('is found after hundreds of other comments', async () => {
    for (let id = 1; id <= 250; id++) {
      github.comments.push({
        id,
        body: id === 230 ? `${MARKER}\nold` : 'LGTM',
        user: { login: id === 230 ? BOT : 'ann' }
      })
    }
    expect(await writeComment(github.api, '7', 'new')).toBe('updated')
    expect(github.comments[229]!.body).toBe(`${MARKER}\nnew`)
    expect(github.comments).toHaveLength(250)
  })

  test('with a copied marker by another user stays unchanged', async () => {
    github.comments.push({ id: 1, body: `${MARKER}\nmine`, user: { login: 'mallory' } })
    expect(await writeComment(github.api, '7', 'ours')).toBe('created')
    expect(github.comments.map(({ body }) => body)).toEqual([`${MARKER}\nmine`, `${MARKER}\nours`])
  })

  test('fails with the error of GitHub', async () => {
    github.failures.push(['GET', 403, 'Resource not accessible by integration'])
    await expect(writeComment(github.api, '7', 'text')).rejects.toThrow(
      'GitHub answered 403 to GET issues/7/comments?per_page=100&page=1: Resource not accessible ' +
      'by integration'
    )
  })

  test('is searched on thirty pages at most', async () => {
    for (let id = 1; id <= 3001; id++) {
      github.comments.push({ id, body: id === 3001 ? MARKER : 'LGTM', user: { login: BOT } })
    }
    expect(await writeComment(github.api, '7', 'new')).toBe('created')
    expect(github.calls.filter(call => call.startsWith('GET'))).toHaveLength(30)
    expect(github.calls[29]).toBe('GET issues/7/comments?page=30')
  })
})

describe('make pr-comment', () => {
  /** A repository with one chart, which is rendered to its values. */
  function repository (): Checkout {
    const place = new Checkout([], { helm: 'cat "$3/values.yaml"' })
    for (const file of ['values.yaml', 'ci/default-values.yaml']) {
      place.write(`charts/x/${file}`, 'size: 1\n')
    }
    return place.commitAll()
  }
  const run = async (env: Record<string, string>, place = repository()) =>
    await place.run('node', [`${ROOT}scripts/pr-comment/main.ts`], {
      REPORTS_FOLDER: temporaryFolder(),
      ...env
    })
  const onGitHub = () => ({
    GITHUB_API_URL: github.api.url,
    GITHUB_TOKEN: github.api.token,
    GITHUB_REPOSITORY: github.api.repository,
    PULL_REQUEST: '7'
  })

  test('writes the comment and the summary of the run', async () => {
    const summary = `${temporaryFolder()}/summary`
    expect(
      await run({
        ...onGitHub(),
        RESULTS: '{"e2e":{"result":"success"}}',
        GITHUB_STEP_SUMMARY: summary
      })
    ).toMatchObject({ status: 0, stdout: 'The comment is created.\n' })
    expect(github.comments[0]!.body).toContain('✅ e2e')
    expect(readFileSync(summary, 'utf8')).toBe(
      `${github.comments[0]!.body.replace(`${MARKER}\n`, '')}\n`
    )
    expect(await run({ ...onGitHub(), FROM_FORK: 'false' })).toMatchObject({
      status: 0,
      stdout: 'The comment is updated.\n'
    })
  })

  test('compares with BASE, by default main, and reports a failed comparison', async () => {
    const place = repository()
    const comment = async (BASE: string) => await run({ BASE, REPORTS_FOLDER: 'reports' }, place)
    expect((await comment('')).stdout).toContain('Manifests: no changes.')
    place.git('checkout', '--quiet', '-b', 'topic')
    place.write('charts/x/values.yaml', 'size: 2\n')
    place.git('commit', '--quiet', '--all', '--message', 'Change')
    expect((await comment('')).stdout).toContain('-size: 1\n+size: 2\n')
    expect((await comment('HEAD')).stdout).toContain('Manifests: no changes.')
    expect(await comment('f'.repeat(40))).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Manifests: rendering failed.'),
      stderr: expect.stringMatching(/The manifests could not be compared with f{40}: /)
    })
  })

  test('renders every chart with default and production values, and leaves no files', async () => {
    const place = repository()
    for (const file of [
      'x/ci/production-values.yaml',
      'x/ci/minimal-values.yaml',
      'y/values.yaml',
      'y/ci/default-values.yaml'
    ]) {
      place.write(`charts/${file}`, '')
    }
    place.write('tmp/.keep', '')
    const { stdout } = await run({ TMPDIR: `${place.folder}/tmp` }, place)
    const calls = place.calls.map(call =>
      call.replaceAll(/\/\S+\/guestbook-manifests-\w+/g, 'BASE').replaceAll(place.folder, 'HERE')
    )
    const template = (root: string, chart: string, name: string) =>
      `helm template ${chart} ${root}/charts/${chart} --namespace guestbook --values ` +
      `${root}/charts/${chart}/ci/${name}-values.yaml`
    expect(calls).toEqual([
      template('BASE', 'x', 'default'),
      template('HERE', 'x', 'default'),
      template('HERE', 'x', 'production'),
      template('HERE', 'y', 'default')
    ])
    expect(stdout).toContain('+++ b/change/x-production.yaml')
    expect(readdirSync(`${place.folder}/tmp`)).toEqual(['.keep'])
  })

  test('does not depend on the configuration of git', async () => {
    const place = repository()
    place.write('charts/x/values.yaml', 'size: 2\n')
    place.write(
      '.gitconfig',
      '[color]\n  ui = always\n[diff]\n  noprefix = true\n  external = false\n'
    )
    const { stdout } = await run({ GIT_CONFIG_GLOBAL: `${place.folder}/.gitconfig` }, place)
    expect(stdout).toMatch(/^--- a\/main\/x-default\.yaml\n\+\+\+ b\/change\/x-default\.yaml\n/m)
    expect(stdout).toMatch(/^@@ .*\n-size: 1\n\+size: 2\n/m)
  })

  test('reads the folder reports', async () => {
    const place = repository()
    place.write('reports/report-plan/change/plan.txt', 'No changes.')
    expect((await place.run('node', [`${ROOT}scripts/pr-comment/main.ts`])).stdout).toContain(
      '<summary>Plan: no changes</summary>'
    )
  })

  test('prints the comment for a fork and without a pull request', async () => {
    for (const env of [
      { ...onGitHub(), FROM_FORK: 'true' },
      { ...onGitHub(), PULL_REQUEST: '' }
    ]) {
      expect((await run(env)).stdout).toContain('### Results of this change')
    }
    expect(github.calls).toEqual([])
  })

  test('fails with the reason', async () => {
    expect(await run({ PULL_REQUEST: '7' })).toMatchObject({
      status: 1,
      stderr: 'GITHUB_TOKEN and GITHUB_REPOSITORY must be set\n'
    })
    expect(await run({ ...onGitHub(), GITHUB_TOKEN: 'wrong' })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('GitHub answered 401')
    })
  })
})
