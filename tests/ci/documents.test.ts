/** Generated documents: their generators, and samples of their content. */
import { readdirSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { Checkout } from './checkout.ts'
import { read, ROOT } from './repository.ts'

const DASHBOARDS = readdirSync(`${ROOT}alert-rules/dashboards`).map(
  name => `alert-rules/dashboards/${name}`
)
const ALERTS = readdirSync(`${ROOT}alert-rules`)
  .filter(name => name.endsWith('_alerts.yml'))
  .map(name => `alert-rules/${name}`)

test.each([
  [
    'scripts/document-services.ts',
    'settings',
    ['services/backend', 'services/frontend', 'docs/reference'],
    ['api', 'metrics', 'settings'].map(name => `docs/reference/${name}.md`)
  ],
  ['scripts/charts/main.ts', 'charts', ['services/backend', 'services/frontend', 'charts'], [
    ...['README.md', 'values.schema.json'].flatMap(file =>
      ['backend', 'frontend', 'mongodb'].map(name => `charts/guestbook-${name}/${file}`)
    ),
    ...['values.yaml', 'templates/_settings.tpl'].flatMap(file =>
      ['backend', 'frontend'].map(name => `charts/guestbook-${name}/${file}`)
    )
  ]],
  [
    'scripts/document-infra.ts',
    'infra-docs',
    ['infra', 'services/services.json', 'docs/reference'],
    ['deployment-settings', 'versions'].map(name => `docs/reference/${name}.md`)
  ],
  ['scripts/document-ci.ts', 'map', ['.github', 'docs', 'Makefile'], ['docs/develop/ci.md']],
  [
    'alert-rules/generator/main.ts',
    'slo',
    ['alert-rules', 'docs/reference'],
    [
      'alert-rules/recording_rules.yml',
      ...ALERTS,
      'docs/reference/alerts.md',
      'docs/reference/slo.md',
      ...DASHBOARDS
    ]
  ]
])(
  '%s writes stale files, and --check only lists them (make %s)',
  async (script, target, sources, documents) => {
    const place = new Checkout(['scripts', ...sources]).commitAll()
    const run = async (...args: string[]) =>
      await place.run('node', [script, ...args])
    // This repository is smaller, so its documents are shorter.
    expect(await run()).toEqual({ status: 0, stdout: '', stderr: '' })

    const before = documents.map(file => place.read(file)!)
    for (const [index, file] of documents.entries()) {
      // Hand-written text precedes the generated part.
      const start = Math.max(before[index]!.indexOf('Generated from'), 0)
      const generated = before[index]!.slice(start).replace(
        /(\| `|\| \[|\| Kind |"title": "|# -- |- name: |summary: |expr: |uid: |\| frontend)/,
        '$1x'
      )
      place.write(file, before[index]!.slice(0, start) + generated)
      expect(place.read(file)).not.toBe(before[index])
    }
    const stale = documents.map(
      file => `${file} is stale: run \`make ${target}\` and commit the result.\n`
    )
    const { status, stdout, stderr } = await run('--check')
    expect({ status, stdout, stale: stderr.split(/(?<=\n)/).sort() }).toEqual({
      status: 1,
      stdout: '',
      stale: stale.sort()
    })
    expect(documents.map(file => place.read(file))).not.toEqual(before)
    expect(await run()).toEqual({ status: 0, stdout: '', stderr: '' })
    expect(documents.map(file => place.read(file))).toEqual(before)
  }
)

test('settings.md shows type, bounds, default and whether a file may hold the value', () => {
  const lines = read('docs/reference/settings.md').split('\n')
  for (const [start, end = ''] of [
    [
      '| `LOG_LEVEL` | trace, debug, info, warn, error, fatal | `info` | `logLevel` | Lowest ' +
      'level that is logged. |'
    ],
    ['| `MANAGEMENT_PORT` | integer, 0 to 65535 | `9300` | '],
    ['| `TRUST_PROXY` | string | empty | '],
    ['| `TRUST_PROXY_HOPS` | integer, 1 to 10 | `1` | '],
    ['| `RATE_LIMIT_POSTS` | integer, 1 to any | `100` | '],
    [
      '| `FAULTS_TOKEN` | string, at least 16 characters | unset | ',
      'Also as `FAULTS_TOKEN_FILE`. |'
    ],
    ['| `VERSION` | string | `dev` | '],
    ['| `MONGODB_URI` | string | unset | ', 'Also as `MONGODB_URI_FILE`. |'],
    ['## Frontend'],
    ['## Backend']
  ] as const) {
    const found = lines.filter(line => line.startsWith(start) && line.endsWith(end))
    expect({ start, found: found.length > 0 }).toEqual({ start, found: true })
  }
  expect(lines.filter(line => line.includes('Also as')).length).toBe(4)
})

test('ci.md shows which workflows a change triggers, and what a job runs', () => {
  const lines = read('docs/develop/ci.md').split('\n')
  for (const line of [
    '| `.ci` | – |',
    '| `.github` | (alert-rules), (backend-deploy), (e2e), (frontend-deploy), (infra-deploy) |',
    '| `charts/guestbook-backend` | backend-deploy, e2e, infra-deploy |',
    '| `compose` | alert-rules |',
    '| `services/frontend` | alert-rules, e2e, frontend-deploy |',
    '|  | images | `make image SERVICE=backend`<br>`make scan SERVICE=backend`<br>' +
      '`make image SERVICE=frontend`<br>`make scan SERVICE=frontend` |',
    '| **backend-deploy** | service | calls service |',
    '|  | deploy | calls deploy |',
    '|  | clean-clone | `.ci/run` |'
  ]) { expect(lines).toContain(line) }
  expect(lines.filter(line => line.includes('make install'))).toEqual([])
})

test('a README of a chart shows each value with meaning and default', () => {
  const text = read('charts/guestbook-backend/README.md')
  expect(text).toMatch(/\n\| value \| meaning \| default \|\n\|---\|---\|---\|\n\| `/)
  expect(text).toMatch(/^\| `image\.repository` \| .+ \| `"guestbook-backend"` \|$/m)
})
