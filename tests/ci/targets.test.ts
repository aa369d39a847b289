/** The scripts behind make targets that workflows narrow by a variable. */
import { symlinkSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { Checkout } from './checkout.ts'
import { ROOT } from './repository.ts'

describe('make test', () => {
  const RESULTS = '{"numPassedTests":7,"numFailedTests":1,"numTotalTestSuites":2}'
  const COVERAGE = '{"total":{"lines":{"pct":96.5}}}'
  /** jest as seen from outside: it leaves its results, and coverage where it is asked for. */
  const NPM =
    `mkdir -p coverage; echo '${RESULTS}' >coverage/tests.json; [[ "$*" != *--coverage* ]] || ` +
    `echo '${COVERAGE}' >coverage/coverage-summary.json; exit 3`
  const place = () => {
    const made = new Checkout(
      ['services/backend/package.json', 'services/service-kit/package.json'],
      { npm: NPM }
    )
    made.write('tests/charts/a.test.ts', '')
    return made
  }
  const testing = async (made: Checkout, paths: string[], env: Record<string, string> = {}) =>
    await made.run('node', [`${ROOT}scripts/test.ts`, ...paths], env)

  test('runs all with the coverage of all, and has its status', async () => {
    const made = place()
    expect(await testing(made, [])).toMatchObject({ status: 3 })
    expect(made.calls).toEqual(['npm test -- --coverage --json --outputFile coverage/tests.json'])
  })

  test('runs the paths it is given, with the coverage of the services among them', async () => {
    const made = place()
    await testing(made, ['services/backend/', 'services/service-kit', 'tests/charts'])
    await testing(made, ['tests/charts'])
    expect(made.calls).toEqual([
      'npm test -- services/backend services/service-kit tests/charts --coverage ' +
      '--collectCoverageFrom services/backend/src/**/*.ts --collectCoverageFrom ' +
      'services/service-kit/src/**/*.ts --json --outputFile coverage/tests.json',
      'npm test -- tests/charts --json --outputFile coverage/tests.json'
    ])
  })

  test.each([['exit 0', 0], ['exit 1', 1], ['kill -KILL $$', 1]])(
    'has a status of its own when the tests end by `%s`', async (npm, status) => {
      const made = new Checkout([], { npm })
      expect(await testing(made, [])).toMatchObject({ status })
      // Without results there is no report, and its absence is no failure of its own.
      expect(await testing(made, [], { REPORTS: 'reports' })).toEqual({
        status,
        stdout: '',
        stderr: ''
      })
      expect(made.read('reports/tests.json')).toBeUndefined()
    })

  test('leaves a report where it is asked for one', async () => {
    const made = place()
    await testing(made, ['services/backend'], { REPORTS: 'reports/change' })
    expect(JSON.parse(made.read('reports/change/tests.json')!)).toEqual({
      passed: 7,
      failed: 1,
      suites: 2,
      lines: 96.5
    })
    await testing(made, ['tests/charts'], { REPORTS: 'reports/main' })
    expect(JSON.parse(made.read('reports/main/tests.json')!)).toEqual({
      passed: 7,
      failed: 1,
      suites: 2
    })
  })

  test('has no coverage threshold for a path within a service', async () => {
    const made = place()
    made.write('services/backend/test/a.test.ts', '')
    await testing(made, ['services/backend/test/a.test.ts', 'services/backend/test'])
    expect(made.calls).toEqual([
      'npm test -- services/backend/test/a.test.ts services/backend/test --json --outputFile ' +
      'coverage/tests.json'
    ])
  })

  test('refuses a path that is not there, since it would test nothing', async () => {
    const made = place()
    expect(await testing(made, ['services/backend', 'services/frontent'])).toEqual({
      status: 2,
      stdout: '',
      stderr: expect.stringContaining('PATHS names services/frontent, which does not exist')
    })
    expect(made.calls).toEqual([])
  })
})

describe('make validate-chart', () => {
  function charts (): Checkout {
    const place = new Checkout([
      'scripts/validate-chart', 'charts/guestbook-frontend', 'charts/guestbook-service'
    ])
    symlinkSync(`${ROOT}.tools`, `${place.folder}/.tools`)
    return place
  }
  const validate = async (place: Checkout, ...args: string[]) =>
    await place.run('scripts/validate-chart', args, {
      PATH: `${ROOT}.tools/bin:${process.env.PATH}`
    })

  test('accepts a valid chart with each of its ci files', async () => {
    const { status, stdout } = await validate(charts(), 'guestbook-frontend')
    const files = ['default', 'minimal', 'production'].map(name => `with ${name}-values.yaml`)
    expect({ status, files: stdout.match(/with \S+/g) }).toEqual({ status: 0, files })
  })

  test.each([
    [
      'portz',
      'templates/extra.yaml',
      'apiVersion: v1\nkind: Service\nmetadata: { name: extra }\nspec: { portz: [] }\n'
    ],
    ['replicaz', 'ci/wrong-values.yaml', 'replicaz: 1\n']
  ])('rejects the unknown property %s in %s', async (name, file, text) => {
    const place = charts()
    place.write(`charts/guestbook-frontend/${file}`, text)
    expect(await validate(place, 'guestbook-frontend')).toMatchObject({
      status: 1, stdout: expect.stringContaining(name)
    })
  })

  /** A chart with two ci files, and stand-ins for the tools. */
  function alone (programs: Record<string, string> = {}): Checkout {
    const place = new Checkout(['scripts/validate-chart'], {
      helm: '',
      kubeconform: 'cat >/dev/null',
      ...programs
    })
    for (const file of ['Chart.yaml', 'ci/a-values.yaml', 'ci/b-values.yaml', 'ci/notes.txt']) {
      place.write(`charts/x/${file}`, '')
    }
    place.write('.tools/schemas/kubernetesv1.34.4-prometheus-operatorv0.93.1/.keep', '')
    return place
  }

  test('validates against the Kubernetes version of the schemas', async () => {
    const place = alone()
    expect(await place.run('scripts/validate-chart', ['x'])).toMatchObject({
      status: 0, stderr: ''
    })
    const schemas = `${place.folder}/.tools/schemas/kubernetesv1.34.4-prometheus-operatorv0.93.1/`
    const callsWith = (name: string) => {
      const values = `--kube-version 1.34.4 --values charts/x/ci/${name}-values.yaml`
      return [
        `helm lint --strict --quiet charts/x ${values}`,
        `helm template x charts/x --namespace guestbook ${values}`,
        `kubeconform -strict -schema-location ${schemas}{{ .ResourceKind }}{{ .KindSuffix }}.json`
      ]
    }
    // The two commands of a pipe start in any order.
    const sorted = (calls: string[]) => [calls[0], ...calls.slice(1).sort()]
    expect(sorted(place.calls.slice(0, 3))).toEqual(callsWith('a'))
    expect(sorted(place.calls.slice(3))).toEqual(callsWith('b'))
  })

  test.each([
    ['lint fails', { helm: '[ $1 != lint ] || exit 3' }, 3],
    ['the chart cannot be rendered', { helm: '[ $1 != template ] || exit 4' }, 4],
    ['an object is invalid', { kubeconform: 'cat >/dev/null; exit 5' }, 5]
  ])('ends with its status when %s', async (_, programs, status) => {
    const place = alone(programs)
    expect((await place.run('scripts/validate-chart', ['x'])).status).toBe(status)
    expect(place.calls.filter(call => call.includes('b-values'))).toEqual([])
  })

  test('lists the charts when the given one is missing', async () => {
    expect(await validate(charts(), 'frontend')).toEqual({
      status: 2,
      stdout: '',
      stderr: 'validate-chart: there is no charts/frontend; charts: guestbook-frontend\n'
    })
    expect(await validate(charts())).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Usage: scripts/validate-chart CHART')
    })
  })
})
