/** Workflows and composite actions have the expected content. */
import { readdirSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { workflowNames } from '../../scripts/ci/workflows.ts'
import { expected, shortAction, shortWorkflow } from './expected-workflows.ts'
import { FILES, read, ROOT } from './repository.ts'

const NAMES = workflowNames(ROOT)
const ACTIONS = readdirSync(`${ROOT}.github/actions`).sort()

test('exactly the existing workflows and actions are expected', () => {
  const tables = readdirSync(new URL('expected-workflows', import.meta.url)).sort()
  expect(tables).toEqual([...NAMES, 'actions'].map(name => `${name}.yml`).sort())
  expect(Object.keys(expected('actions') as object).sort()).toEqual(ACTIONS)
})

test.each(NAMES)('the workflow %s has the expected content and the name of its file', name => {
  expect(shortWorkflow(name)).toEqual(expected(name))
  expect(parse(read(`.github/workflows/${name}.yml`)).name).toBe(name)
})

test.each(ACTIONS)('the action %s has the expected content', name => {
  expect(shortAction(name)).toEqual((expected('actions') as Record<string, unknown>)[name])
})

test('a tool has the same version in all workflows', () => {
  const lines = FILES.filter(file => file.startsWith('.github/') && file.endsWith('.yml'))
    .flatMap(file => read(file).split('\n'))
  for (const [tool, count] of Object.entries({
    '# renovate: hashicorp/terraform': 4,
    '# renovate: sigstore/cosign': 3,
    '# renovate: kubernetes-sigs/kind': 2,
    'node_image: kindest/node:': 2
  })) {
    const places = lines.filter(line => line.includes(tool)).map(line => line.trim())
    expect({ tool, count: places.length, versions: new Set(places).size })
      .toEqual({ tool, count, versions: 1 })
  }
})
