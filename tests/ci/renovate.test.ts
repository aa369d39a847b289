/** Renovate sees a version only where a pattern of its configuration matches; what it does not see grows old unnoticed. */
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { FILES, read } from './repository.ts'

interface Manager { managerFilePatterns: string[], matchStrings: string[], datasourceTemplate: string }
const { customManagers } = parse(read('.github/renovate.json')) as { customManagers: Manager[] }

const filesOf = (pattern: string) => FILES.filter(file => new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`).test(file))

/** Everything the patterns find, as `datasource name version`. */
function found (isFor: (file: string) => boolean): string[] {
  return customManagers.flatMap(({ managerFilePatterns, matchStrings, datasourceTemplate }) =>
    [...new Set(managerFilePatterns.flatMap(filesOf))].filter(isFor).flatMap(file => matchStrings.flatMap(pattern =>
      [...read(file).matchAll(new RegExp(pattern, 'g'))].map(({ groups }) => `${datasourceTemplate} ${groups!.depName} ${groups!.currentValue}`))))
}

test('every component of the version ledger is seen, once', () => {
  const components = JSON.parse(read('infra/components.json')) as Array<{ source: string, version: string }>
  const seen = found(file => file === 'infra/components.json').map(text => text.split(' ').slice(1).join(' '))
  expect(seen.sort()).toEqual(components.map(({ source, version }) => `${/^https:/.test(source) ? source.split('/').at(-1) : source.replace('oci://', '')} ${version}`).sort())
})

test('so is every tool that a script builds, and every module that a script takes schemas from', () => {
  const pins = FILES.filter(file => file.startsWith('scripts/')).flatMap(file => [...read(file).matchAll(/^[A-Z]+=(v\d\S+)|^const [A-Z_]+ = '\S+@(v\d[\d.]+)'/gm)].map(([, shell, script]) => shell ?? script))
  expect(pins.length).toBeGreaterThan(3)
  expect(found(file => file.startsWith('scripts/')).map(text => text.split(' ')[2]).sort()).toEqual(pins.sort())
})

test('and what workflows bring by its version: Kind, its nodes, cosign, Terraform', () => {
  const brought = FILES.filter(file => file.startsWith('.github/') && file.endsWith('.yml')).flatMap(file => [...read(file).matchAll(/^ +(?:\w*version|cosign-release|node_image): (?:[\w/]+:)?(v?\d[^@\s]*)/gm)].map(([, version]) => version))
  expect(brought.length).toBeGreaterThan(5)
  expect(found(file => file.startsWith('.github/')).map(text => text.split(' ')[2]).sort()).toEqual(brought.sort())
})

test('every pattern finds something', () => {
  for (const manager of customManagers) expect(manager.managerFilePatterns.filter(pattern => filesOf(pattern).length === 0)).toEqual([])
})
