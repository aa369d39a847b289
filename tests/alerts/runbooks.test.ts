import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { diagnosis, readRunbook, remedies } from '../../alert-rules/generator/runbooks.ts'
import { ALERT_RULES } from '../../alert-rules/generator/provisioning.ts'

/** Commands of kubectl that change nothing. */
const READ_VERBS = ['get', 'describe', 'logs', 'top', 'port-forward']
const NAMESPACES = ['guestbook', 'monitoring', 'ingress']
/** Names of resources that charts/ and infra/ deploy. `make drill-cluster` runs the commands. */
const NAMES = [
  'guestbook-frontend',
  'guestbook-backend',
  'guestbook-mongodb',
  'guestbook-mongodb-0',
  'guestbook-mongodb-backup',
  'prometheus',
  'grafana',
  'NAME'
]
const runbooks = readdirSync(`${ALERT_RULES}runbooks`).map(name => ({
  name,
  text: readRunbook(name)
}))
const blocks = runbooks.flatMap(({ name, text }) =>
  diagnosis(text, 'sh').map(block => ({ name, block }))
)

test('runbooks have commands', () => { expect(blocks.length).toBeGreaterThan(10) })

test.each(blocks)('a block of $name is valid bash', ({ block }) => {
  execFileSync('bash', ['-n', '-c', block])
})

test.each(blocks)('a block of $name only reads', ({ block }) => {
  const verbs = [...block.matchAll(/kubectl(?: -n \S+)? ([a-z-]+)/g)].map(([, verb]) => verb)
  expect(verbs.filter(verb => !READ_VERBS.includes(verb!))).toEqual([])
})

test.each(runbooks)('$name has the standard sections under the title of its alert', ({ text }) => {
  expect(text).toMatch(/^# [A-Z]\w+\n/)
  expect(text.match(/^## .*$/gm)).toEqual([
    '## Meaning', '## Impact', '## Diagnosis', '## Mitigation'
  ])
})

test('blocks of commands and queries stand under "Diagnosis" only', () => {
  for (const { name, text } of runbooks) {
    const blocks = [...diagnosis(text, 'sh'), ...diagnosis(text, 'promql')]
    expect({ name, blocks: text.match(/^```\w+$/gm)?.length ?? 0 }).toEqual({
      name,
      blocks: blocks.length
    })
  }
})

test('commands name deployed resources', () => {
  for (const { name, text } of runbooks) {
    const commands = [...diagnosis(text, 'sh'), ...remedies(text)].join('\n')
    const namespaces = [...commands.matchAll(/ -n ([a-z]\S*)/g)].map(([, namespace]) => namespace!)
    const names = [
      ...commands.matchAll(
        /(?:deployment|statefulset|cronjob|pod)[ /]([A-Za-z][\w-]*)|kubernetes\.io\/name=([\w-]+)/g
      )
    ].map(([, one, other]) => one ?? other!)
    expect({
      name,
      unknown: [
        ...namespaces.filter(one => !NAMESPACES.includes(one)),
        ...names.filter(one => !NAMES.includes(one))
      ]
    }).toEqual({ name, unknown: [] })
  }
})
