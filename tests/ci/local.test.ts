import { readdirSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { Checkout } from './checkout.ts'
import { ROOT } from './repository.ts'

const CI = `${ROOT}scripts/ci/local.ts`

/** A repository with these workflows and actions, by the ends of their paths. */
function repository (
  files: Record<string, string>,
  programs: Record<string, string> = {}
): Checkout {
  const place = new Checkout([], programs)
  for (const [path, text] of Object.entries(files)) place.write(`.github/${path}`, text)
  place.write('begin', '')
  return place.commitAll()
}

const workflow = (jobs: string, top = '') =>
  `name: w\non:\n  workflow_call:\n${top}jobs:\n${jobs.replaceAll(/^/gm, '  ')}\n`
const steps = (...list: string[]) =>
  `job:\n  steps:\n${list.map(step => `    - ${step.replaceAll('\n', '\n      ')}\n`).join('')}`
/** The table at the end, without its spaces and times. */
const table = (stdout: string) =>
  stdout
    .slice(stdout.lastIndexOf('\nw on '))
    .trim()
    .split('\n')
    .map(line =>
      line
        .trim()
        .replaceAll(/ +[\d.]+ s$|(?<=; ).*/g, '')
        .replaceAll(/ {2,}/g, ' ')
    )
    .filter(line => line !== '')

test('commands run in order, third-party actions do not, and a table has the results', async () => {
  const place = repository({
    'workflows/w.yml': workflow(
      steps('uses: actions/checkout@abc # v1', 'run: echo one >>log', 'run: echo two >>log')
    )
  })
  const { status, stdout } = await place.run('node', [CI, 'w'])
  expect({ status, log: place.read('log') }).toEqual({ status: 0, log: 'one\ntwo\n' })
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
    'workflows/w.yml': workflow(
      steps(
        'run: echo before >>log',
        'run: exit 3',
        'run: echo after >>log',
        'run: echo always >>log\nif: always()',
        'run: echo failed >>log\nif: failure()'
      ) +
        '\nnext:\n  needs: job\n  steps:\n    - run: echo next >>log\nother:\n  steps:\n    - ' +
        'run: echo other >>log'
    )
  })
  const { status, stdout } = await place.run('node', [CI, 'w'])
  expect({ status, log: place.read('log') }).toEqual({
    status: 1,
    log: 'before\nalways\nfailed\nother\n'
  })
  expect(table(stdout)).toEqual(
    expect.arrayContaining([
      'FAILED exit 3',
      'not reached echo after >>log',
      'skipped all steps a needed job did not pass'
    ])
  )
})

test('unmet requirements are listed, and their steps never count as passed', async () => {
  const place = repository(
    {
      'workflows/w.yml': workflow(
        steps(
          'run: echo a >>log\nenv: { REQUIRES: no-such-program git }',
          'run: echo b >>log\nenv: { REQUIRES: DEPLOY git }',
          'run: echo c >>log\nenv: { REQUIRES: docker }'
        )
      )
    },
    { docker: 'exit 1' }
  )
  const { status, stdout } = await place.run('node', [CI, 'w'])
  expect({ status, log: place.read('log') }).toEqual({ status: 0, log: undefined })
  expect(table(stdout).slice(2)).toEqual([
    'not run echo a >>log needs no-such-program',
    'not run echo b >>log needs DEPLOY',
    'not run echo c >>log needs docker',
    '3 not run;'
  ])

  await place.run('node', [CI, 'w'], { DEPLOY: 'yes' })
  expect(place.read('log')).toBe('b\n')
})

test('expressions see event, variables, secrets, outputs and environment', async () => {
  const top = 'env:\n  TOP: top-${{ github.event_name }}\n'
  const place = repository({
    'workflows/w.yml': workflow(
      `first:
  outputs: { word: "\${{ steps.say.outputs.word }}" }
  steps:
    - id: say
      run: echo word=hello >>"$GITHUB_OUTPUT"
second:
  needs: first
  if: \${{ needs.first.outputs.word == 'hello' && vars.PLACE != '' }}
  env: { WORD: "\${{ needs.first.outputs.word }}" }
  steps:
    - run: echo "$TOP $WORD $SECRET" >>log
      env: { SECRET: "\${{ secrets.TOKEN || 'none' }}" }
third:
  if: github.ref == 'refs/heads/main'
  steps:
    - run: echo main >>log`,
      top
    )
  })
  await place.run('node', [CI, 'w'], { PLACE: 'here' })
  await place.run('node', [CI, 'w', '--event', 'push'], { TOKEN: 'secret' })
  expect(place.read('log')).toBe('top-pull_request hello none\nmain\n')
})

test('variables of the shell override those of a workflow', async () => {
  const place = repository({
    'workflows/w.yml': workflow(
      steps('run: echo "$CLUSTER $OTHER" >>log\nenv: { CLUSTER: theirs, OTHER: theirs }')
    )
  })
  await place.run('node', [CI, 'w'], { CLUSTER: 'mine' })
  expect(place.read('log')).toBe('mine theirs\n')
})

test('a command ends at its first failure, in a pipe too', async () => {
  const place = repository({
    'workflows/w.yml': workflow(
      'a:\n  steps:\n    - run: "false | true"\nb:\n  steps:\n    - run: "false\\ntrue"\nc:\n  ' +
      'steps:\n    - run: kill -KILL $$'
    )
  })
  const { status, stdout } = await place.run('node', [CI, 'w'])
  expect([status, stdout.match(/^ {4}FAILED/gm)?.length]).toEqual([1, 3])
})

test('the github context has ref, commit, repository and token', async () => {
  const said =
    'run: echo "${{ github.event_name }} ${{ github.ref }} ${{ github.ref_name }} ' +
    '${{ github.sha }} ${{ github.repository }} ${{ github.token }} ${{ secrets.GITHUB_TOKEN }} ' +
    '${{ github.actor }} ${{ runner.os }}" >>log'
  const place = repository({ 'workflows/w.yml': workflow(steps(said)) })
  const env = { GITHUB_REPOSITORY: 'Some.One/x', GITHUB_TOKEN: 'secret', USER: 'ann' }
  await place.run('node', [CI, 'w'], env)
  await place.run('node', [CI, 'w', '--event', 'schedule'], env)
  const rest = `${place.git('rev-parse', 'HEAD')} Some.One/x secret secret ann Linux`
  expect(place.read('log')).toBe(
    `pull_request refs/pull/0/merge 0/merge ${rest}\nschedule refs/heads/main main ${rest}\n`
  )
})

test('a step has variables of workflow, job and step, and passes outputs on', async () => {
  const place = repository({
    'workflows/w.yml': workflow(
      `job:
  env: { B: job, C: job }
  steps:
    - run: echo "$A $B $C [$MAKEFLAGS$MAKELEVEL]" >>log
      env: { C: step }
    - id: one
      run: printf 'word=a=b\\nno output\\n' >>"$GITHUB_OUTPUT"; echo sum >>"$GITHUB_STEP_SUMMARY"
    - id: two
      run: exit 1
    - if: always()
      env: { OUTCOMES: "\${{ steps.one.outcome }} \${{ steps.two.outcome }}" }
      run: echo "\${{ steps.one.outputs.word }} $OUTCOMES" >>log
    - if: steps.two.outcome == 'success'
      run: echo never >>log`,
      'env: { A: workflow, B: workflow, C: workflow }\n'
    )
  })
  place.write('tmp/.keep', '')
  expect(
    await place.run('node', [CI, 'w'], {
      MAKEFLAGS: 'n',
      MAKELEVEL: '1',
      TMPDIR: `${place.folder}/tmp`
    })
  ).toMatchObject({ status: 1 })
  expect(place.read('log')).toBe('workflow job step []\na=b success failure\n')
  expect(readdirSync(`${place.folder}/tmp`)).toEqual(['.keep'])
})

test('jobs after a failed or skipped one run only if their condition says so', async () => {
  const job = (id: string, needs: string, condition = '', run = `echo ${id} >>log`) =>
    `${id}:\n  needs: ${needs}\n${condition && `  if: ${condition}\n`}  steps:\n    - run: ${run}`
  const place = repository({
    'workflows/w.yml': workflow(
      [
        job('bad', '[]', '', 'exit 1'),
        job('off', '[]', "vars.PLACE != ''"),
        job('good', '[]'),
        job('a', 'bad'),
        job('b', 'bad', 'always()'),
        job('c', 'bad', 'failure()'),
        job('d', 'off'),
        job('e', 'off', '${{ !cancelled() }}'),
        job('f', '[good, off]'),
        job('g', 'good'),
        job('h', 'd', 'always()')
      ].join('\n')
    )
  })
  const { status, stdout } = await place.run('node', [CI, 'w'])
  expect(place.read('log')?.trim().split('\n').sort()).toEqual(['b', 'c', 'e', 'g', 'good', 'h'])
  expect(stdout).toContain('if: vars.PLACE != \'\'')
  expect([status, stdout.match(/a needed job did not pass/g)?.length]).toEqual([1, 3])
})

test('the table has times to a tenth of a second, and their sum', async () => {
  const place = repository({
    'workflows/w.yml': workflow(
      steps('run: sleep 0.2', 'run: "true"', 'uses: actions/checkout@abc')
    )
  })
  const { stdout } = await place.run('node', [CI, 'w', '--event', 'push'])
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
    'workflows/w.yml': workflow(
      'called:\n  uses: ./.github/workflows/x.yml\n  with: { who: ann }'
    ),
    'workflows/x.yml': workflow(
      steps('uses: ./.github/actions/greet\nwith: { who: "${{ inputs.who }}" }')
    ),
    'actions/greet/action.yml':
      'runs:\n  using: composite\n  steps:\n    - run: echo hello ${{ inputs.who }} >>log\n      ' +
      'shell: bash\n'
  })
  const { stdout } = await place.run('node', [CI, 'w'])
  expect(place.read('log')).toBe('hello ann\n')
  expect(table(stdout)).toEqual([
    'w on pull_request',
    'called / job',
    'passed echo hello ann >>log',
    '1 passed;'
  ])
})

test('a composite action with !cancelled() runs completely after a failure', async () => {
  const place = repository({
    'workflows/w.yml': workflow(
      steps('run: exit 1', 'if: ${{ !cancelled() }}\nuses: ./.github/actions/report')
    ),
    'actions/report/action.yml':
      'runs:\n  using: composite\n  steps:\n    - run: echo report >>log\n      shell: bash\n'
  })
  expect(await place.run('node', [CI, 'w'])).toMatchObject({ status: 1 })
  expect(place.read('log')).toBe('report\n')
})

test('one job can be run alone', async () => {
  const place = repository({
    'workflows/w.yml': workflow(
      'a:\n  steps:\n    - run: echo a >>log\nb:\n  needs: a\n  steps:\n    - run: echo b >>log'
    )
  })
  expect(await place.run('node', [CI, 'w', '--job', 'b'])).toMatchObject({ status: 0 })
  expect(place.read('log')).toBe('b\n')
})

test('one job of a called workflow can be run alone', async () => {
  const job = (id: string) => `${id}:\n  steps:\n    - run: echo ${id} >>log`
  const place = repository({
    'workflows/w.yml': workflow(`called:\n  uses: ./.github/workflows/x.yml\n${job('a')}`),
    'workflows/x.yml': workflow(`${job('b')}\n${job('c')}`)
  })
  await place.run('node', [CI, 'w', '--job', 'c'])
  expect(place.read('log')).toBe('c\n')
  await place.run('node', [CI, 'w', '--job', 'called'])
  expect(place.read('log')).toBe('c\nb\nc\n')
  expect(await place.run('node', [CI, 'w', '--job', 'd'])).toMatchObject({ status: 2 })
})

test.each([
  [['w', '--job', 'c'], 'The workflow w has no job "c". It has: job.'],
  [['v'], 'There is no workflow "v". There are: circle, w.'],
  [['circle'], 'The jobs a, b need each other or a missing job.'],
  [['w', '--fast'], "Unknown option '--fast'"]
])('%j is rejected with a list of valid names', async (args, reason) => {
  const jobs = 'a:\n  needs: b\n  steps: []\nb:\n  needs: a\n  steps: []'
  const place = repository({
    'workflows/w.yml': workflow(steps('run: "true"')),
    'workflows/circle.yml': workflow(jobs)
  })
  expect(await place.run('node', [CI, ...args])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining(reason)
  })
})

test('without a name it lists the workflows', async () => {
  const place = repository({ 'workflows/w.yml': workflow(steps('run: "true"')) })
  expect(await place.run('node', [CI, '--help'])).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('Workflows: w')
  })
  expect(await place.run('node', [CI])).toMatchObject({
    status: 2,
    stdout: expect.stringContaining('Usage: make ci WORKFLOW=name')
  })
})
