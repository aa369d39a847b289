import { rmSync, symlinkSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { Checkout } from './checkout.ts'

const LONG = 'x'.repeat(101)
const FIT = 'x'.repeat(100)
const URL = `    # https://host.example/${LONG}`

function check (files: Record<string, string>, ...paths: string[]) {
  const place = new Checkout(['scripts/line-width.ts'])
  for (const [file, text] of Object.entries(files)) place.write(file, text)
  place.commitAll()
  return place.run('node', ['scripts/line-width.ts', ...paths])
}

test('reports lines of more than 100 columns, not of more bytes', async () => {
  expect(await check({ 'a.sh': `${FIT}\n${LONG}\n${'ä'.repeat(100)}`, 'b/c.yml': LONG })).toEqual({
    status: 1,
    stdout: '',
    stderr: 'Longer than 100 columns:\n  a.sh:2\n  b/c.yml:1\n'
  })
})

test('accepts URLs, tables, images, JSON and what git marks as generated or binary', async () => {
  expect(await check({
    '.gitattributes': 'made/* linguist-generated\n*.png binary\n',
    'a.md': `| ${LONG} |\n${URL}\n![${FIT}](a.png)`,
    'b.sh': URL,
    'c.json': LONG,
    'made/d.yml': LONG,
    'e.png': LONG
  })).toEqual({ status: 0, stdout: '', stderr: '' })
})

test('rejects rows of tables outside Markdown, and URLs with text', async () => {
  expect(await check({ 'a.yml': `| ${LONG}`, 'b.md': `See ${URL}` })).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/a\.yml:1\n {2}b\.md:1/)
  })
})

test('ignores links to folders and deleted files', async () => {
  const place = new Checkout(['scripts/line-width.ts'])
  place.write('a/b.sh', LONG)
  symlinkSync('a', `${place.folder}/link`)
  place.commitAll()
  rmSync(`${place.folder}/a/b.sh`)
  expect(await place.run('node', ['scripts/line-width.ts'])).toMatchObject({ status: 0 })
})

test('can be limited to paths', async () => {
  const files = { 'a/x.sh': LONG, 'b/x.sh': LONG }
  expect(await check(files, 'a')).toMatchObject({ stderr: expect.not.stringContaining('b/x.sh') })
})
