import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { diagnosis, readRunbook, remedies } from '../../system-tests/drills/runbook.ts'
import { ALERT_RULES } from '../../alert-rules/generator/provisioning.ts'

/** Verbs of kubectl that change nothing. */
const LOOKS = ['get', 'describe', 'logs', 'top', 'port-forward']
const NAMESPACES = ['guestbook', 'monitoring', 'ingress']
/** What bears these names is deployed by charts/ and infra/; `make drill-cluster` runs the commands there. */
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

test('there are commands to try', () => { expect(blocks.length).toBeGreaterThan(10) })

test.each(blocks)('a block of $name is one that bash reads', ({ block }) => {
  execFileSync('bash', ['-n', '-c', block])
})

test.each(blocks)('a block of $name only looks', ({ block }) => {
  const verbs = [...block.matchAll(/kubectl(?: -n \S+)? ([a-z-]+)/g)].map(([, verb]) => verb)
  expect(verbs.filter(verb => !LOOKS.includes(verb!))).toEqual([])
})

test.each(runbooks)('$name has the standard sections under the title of its alert', ({ text }) => {
  expect(text).toMatch(/^# [A-Z]\w+\n/)
  expect(text.match(/^## .*$/gm)).toEqual([
    '## Meaning', '## Impact', '## Diagnosis', '## Mitigation'
  ])
})

test('commands stand under "Diagnosis" in blocks, under "Mitigation" between backticks', () => {
  for (const { name, text } of runbooks) {
    expect({ name, blocks: text.match(/^```sh$/gm)?.length ?? 0 }).toEqual({
      name,
      blocks: diagnosis(text, 'sh').length
    })
  }
})

test('commands name what is deployed', () => {
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
