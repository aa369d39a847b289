/** `make ci`, with small workflows. JSON is YAML. */
import { readdirSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { Checkout } from './checkout.ts'
import { ROOT } from './repository.ts'

type Jobs = Record<string, object>
interface Options {
  /** More workflows and actions, by their paths under .github. */
  files?: Record<string, object>
  programs?: Record<string, string>
}

const workflow = (jobs: Jobs) => ({ name: 'w', on: { workflow_call: null }, jobs })
const job = (...steps: object[]) => ({ steps })
const action = (...steps: object[]) => ({ runs: { using: 'composite', steps } })

/** A repository with a workflow `w` of these jobs. */
function repository (jobs: Jobs, { files = {}, programs = {} }: Options = {}): Checkout {
  const place = new Checkout([], programs)
  const all = { 'workflows/w.yml': workflow(jobs), ...files }
  for (const [path, content] of Object.entries(all)) {
    place.write(`.github/${path}`, JSON.stringify(content))
  }
  return place.commitAll()
}

/** Runs `w`. `log` is the text that its commands have written to the file log. */
async function ci (place: Checkout, args: string[] = [], env: Record<string, string> = {}) {
  const result = await place.run('node', [`${ROOT}scripts/ci/local.ts`, 'w', ...args], env)
  return { ...result, log: place.read('log') }
}

/** The table at the end, without its spaces and times. */
const table = (stdout: string) =>
  stdout
    .slice(stdout.lastIndexOf('\nw on '))
    .split('\n')
    .map(line => line.trim().replaceAll(/ +[\d.]+ s$|(?<=; ).*/g, '').replaceAll(/ {2,}/g, ' '))
    .filter(line => line !== '')

test('commands run in order, third-party actions do not, and a table has the results', async () => {
  const place = repository({
    job: job(
      { uses: 'actions/checkout@abc' }, { run: 'echo one >>log' }, { run: 'echo two >>log' }
    )
  })
  const { status, stdout, log } = await ci(place)
  expect({ status, log }).toEqual({ status: 0, log: 'one\ntwo\n' })
  expect(table(stdout)).toEqual([
    'w on pull_request',
    'job',
    'on GitHub actions/checkout',
    'passed echo one >>log',
    'passed echo two >>log',
    '1 on GitHub, 2 passed;'
  ])
})

test('a failure skips the rest of the job but steps for failures; the status is 1', async () => {
  const place = repository({
    job: job(
      { run: 'echo before >>log' },
      { run: 'exit 3' },
      { run: 'echo after >>log' },
      { run: 'echo always >>log', if: 'always()' },
      { run: 'echo failed >>log', if: 'failure()' }
    ),
    next: { needs: 'job', ...job({ run: 'echo next >>log' }) },
    other: job({ run: 'echo other >>log' })
  })
  const { status, stdout, log } = await ci(place)
  expect({ status, log }).toEqual({ status: 1, log: 'before\nalways\nfailed\nother\n' })
  expect(table(stdout)).toEqual(
    expect.arrayContaining([
      'FAILED exit 3',
      'not reached echo after >>log',
      'skipped all steps a needed job did not pass'
    ])
  )
})

test('unmet requirements are listed, and their steps never count as passed', async () => {
  const steps = ['no-such-program git', 'DEPLOY git', 'docker'].map((REQUIRES, index) => ({
    run: `echo ${index} >>log`, env: { REQUIRES }
  }))
  const place = repository({ job: job(...steps) }, { programs: { docker: 'exit 1' } })
  const { status, stdout, log } = await ci(place)
  expect({ status, log }).toEqual({ status: 0, log: undefined })
  expect(table(stdout).slice(2)).toEqual([
    'not run echo 0 >>log needs no-such-program',
    'not run echo 1 >>log needs DEPLOY',
    'not run echo 2 >>log needs docker',
    '3 not run;'
  ])
  expect(await ci(place, [], { DEPLOY: 'yes' })).toMatchObject({ log: '1\n' })
})

test('expressions see event, variables, secrets, outputs and environment', async () => {
  const place = repository({
    first: {
      outputs: { word: '${{ steps.say.outputs.word }}' },
      ...job({ id: 'say', run: 'echo word=hello >>"$GITHUB_OUTPUT"' })
    },
    second: {
      needs: 'first',
      if: "${{ needs.first.outputs.word == 'hello' && vars.PLACE != '' }}",
      env: { EVENT: '${{ github.event_name }}', WORD: '${{ needs.first.outputs.word }}' },
      ...job({
        run: 'echo "$EVENT $WORD $SECRET" >>log', env: { SECRET: "${{ secrets.TOKEN || 'none' }}" }
      })
    },
    third: { if: "github.ref == 'refs/heads/main'", ...job({ run: 'echo main >>log' }) }
  })
  await ci(place, [], { PLACE: 'here' })
  const { log } = await ci(place, ['--event', 'push'], { TOKEN: 'secret' })
  expect(log).toBe('pull_request hello none\nmain\n')
})

test('variables of the shell override those of a workflow', async () => {
  const env = { CLUSTER: 'theirs', OTHER: 'theirs' }
  const place = repository({ job: job({ run: 'echo "$CLUSTER $OTHER" >>log', env }) })
  expect((await ci(place, [], { CLUSTER: 'mine' })).log).toBe('mine theirs\n')
})

test('a command ends at its first failure, in a pipe too', async () => {
  const commands = ['false | true', 'false\ntrue', 'kill -KILL $$']
  const jobs = commands.map((run, index) => [`job${index}`, job({ run })] as const)
  const { status, stdout } = await ci(repository(Object.fromEntries(jobs)))
  expect([status, stdout.match(/^ {4}FAILED/gm)?.length]).toEqual([1, 3])
})

test('the github context has ref, commit, repository and token', async () => {
  const names = [
    'github.event_name', 'github.ref', 'github.ref_name', 'github.sha', 'github.repository',
    'github.token', 'secrets.GITHUB_TOKEN', 'github.actor', 'runner.os'
  ]
  const expressions = names.map(name => `\${{ ${name} }}`).join(' ')
  const place = repository({ job: job({ run: `echo "${expressions}" >>log` }) })
  const env = { GITHUB_REPOSITORY: 'Some.One/x', GITHUB_TOKEN: 'secret', USER: 'ann' }
  await ci(place, [], env)
  const { log } = await ci(place, ['--event', 'schedule'], env)
  const rest = `${place.git('rev-parse', 'HEAD')} Some.One/x secret secret ann Linux`
  expect(log).toBe(
    `pull_request refs/pull/0/merge 0/merge ${rest}\nschedule refs/heads/main main ${rest}\n`
  )
})

test('a step has variables of workflow, job and step, and passes outputs on', async () => {
  const jobs = {
    job: {
      env: { B: 'job', C: 'job' },
      ...job(
        { run: 'echo "$A $B $C [$MAKEFLAGS$MAKELEVEL]" >>log', env: { C: 'step' } },
        {
          id: 'one',
          run: "printf 'word=a=b\\nno output\\n' >>\"$GITHUB_OUTPUT\"; " +
            'echo sum >>"$GITHUB_STEP_SUMMARY"'
        },
        { id: 'two', run: 'exit 1' },
        {
          if: 'always()',
          env: { OUTCOMES: '${{ steps.one.outcome }} ${{ steps.two.outcome }}' },
          run: 'echo "${{ steps.one.outputs.word }} $OUTCOMES" >>log'
        },
        { if: "steps.two.outcome == 'success'", run: 'echo never >>log' }
      )
    }
  }
  const env = { A: 'workflow', B: 'workflow', C: 'workflow' }
  const place = repository(jobs, { files: { 'workflows/w.yml': { ...workflow(jobs), env } } })
  place.write('tmp/.keep', '')
  const shell = { MAKEFLAGS: 'n', MAKELEVEL: '1', TMPDIR: `${place.folder}/tmp` }
  expect(await ci(place, [], shell)).toMatchObject({
    status: 1, log: 'workflow job step []\na=b success failure\n'
  })
  expect(readdirSync(`${place.folder}/tmp`)).toEqual(['.keep'])
})

test('jobs after a failed or skipped one run only if their condition says so', async () => {
  const jobs = [
    ['bad', [], undefined, 'exit 1'],
    ['off', [], "vars.PLACE != ''"],
    ['good', []],
    ['a', 'bad'],
    ['b', 'bad', 'always()'],
    ['c', 'bad', 'failure()'],
    ['d', 'off'],
    ['e', 'off', '${{ !cancelled() }}'],
    ['f', ['good', 'off']],
    ['g', 'good'],
    ['h', 'd', 'always()']
  ] as const
  const place = repository(Object.fromEntries(
    jobs.map(([id, needs, condition, run = `echo ${id} >>log`]) =>
      [id, { needs, if: condition, ...job({ run }) }])
  ))
  const { status, stdout, log } = await ci(place)
  expect(log?.trim().split('\n').sort()).toEqual(['b', 'c', 'e', 'g', 'good', 'h'])
  expect(stdout).toContain('if: vars.PLACE != \'\'')
  expect([status, stdout.match(/a needed job did not pass/g)?.length]).toEqual([1, 3])
})

test('the table has times to a tenth of a second, and their sum', async () => {
  const place = repository({
    job: job({ run: 'sleep 0.2' }, { run: 'true' }, { uses: 'actions/checkout@abc' })
  })
  const { stdout } = await ci(place, ['--event', 'push'])
  const [, first, second, sum] =
    RegExp([
      /\nw on push\n/.source,
      / {2}job/.source,
      / {4}passed {6}sleep 0\.2 {8} {1,5}([\d.]+) s/.source,
      / {4}passed {6}true {13} {1,5}([\d.]+) s/.source,
      / {4}on GitHub {3}actions\/checkout\n/.source,
      /2 passed, 1 on GitHub; ([\d.]+) s\n$/.source
    ].join('\n')).exec(stdout)!
  for (const time of [first, second, sum]) expect(time).toMatch(/^\d+\.\d$/)
  expect(Number(first)).toBeGreaterThanOrEqual(0.2)
  expect(Math.abs(Number(sum) - Number(first) - Number(second))).toBeLessThan(0.11)
})

test('composite actions and called workflows of the repository run inline', async () => {
  const place = repository({
    called: { uses: './.github/workflows/x.yml', with: { who: 'ann' } }
  }, {
    files: {
      'workflows/x.yml': workflow({
        job: job({ uses: './.github/actions/greet', with: { who: '${{ inputs.who }}' } })
      }),
      'actions/greet/action.yml': action({ run: 'echo hello ${{ inputs.who }} >>log' })
    }
  })
  const { stdout, log } = await ci(place)
  expect(log).toBe('hello ann\n')
  expect(table(stdout)).toEqual([
    'w on pull_request',
    'called / job',
    'passed echo hello ann >>log',
    '1 passed;'
  ])
})

test('a composite action with !cancelled() runs completely after a failure', async () => {
  const report = { if: '${{ !cancelled() }}', uses: './.github/actions/report' }
  const place = repository({ job: job({ run: 'exit 1' }, report) }, {
    files: { 'actions/report/action.yml': action({ run: 'echo report >>log' }) }
  })
  expect(await ci(place)).toMatchObject({ status: 1, log: 'report\n' })
})

test('one job can be run alone, also one of a called workflow', async () => {
  const log = (id: string) => job({ run: `echo ${id} >>log` })
  const place = repository({
    a: log('a'), next: { needs: 'a', ...log('next') }, called: { uses: './.github/workflows/x.yml' }
  }, {
    files: { 'workflows/x.yml': workflow({ b: log('b'), c: log('c') }) }
  })
  expect(await ci(place, ['--job', 'next'])).toMatchObject({ status: 0, log: 'next\n' })
  expect(await ci(place, ['--job', 'c'])).toMatchObject({ log: 'next\nc\n' })
  expect(await ci(place, ['--job', 'called'])).toMatchObject({ log: 'next\nc\nb\nc\n' })
  expect(await ci(place, ['--job', 'd'])).toMatchObject({ status: 2 })
})

test.each([
  [['w', '--job', 'c'], 'The workflow w has no job "c". It has: job.'],
  [['v'], 'There is no workflow "v". There are: circle, w.'],
  [['circle'], 'The jobs a, b need each other or a missing job.'],
  [['w', '--fast'], "Unknown option '--fast'"]
])('%j is rejected with a list of valid names', async (args, reason) => {
  const circle = workflow({ a: { needs: 'b', steps: [] }, b: { needs: 'a', steps: [] } })
  const place = repository({ job: job({ run: 'true' }) }, {
    files: { 'workflows/circle.yml': circle }
  })
  expect(await place.run('node', [`${ROOT}scripts/ci/local.ts`, ...args])).toMatchObject({
    status: 2, stderr: expect.stringContaining(reason)
  })
})

test.each([
  [['--help'], 0, 'Workflows: w'],
  [[], 2, 'Usage: make ci WORKFLOW=name']
])('with %j it lists the workflows', async (args, status, text) => {
  const place = repository({ job: job({ run: 'true' }) })
  expect(await place.run('node', [`${ROOT}scripts/ci/local.ts`, ...args])).toMatchObject({
    status, stdout: expect.stringContaining(text)
  })
})
