import { expect, test } from '@jest/globals'
import { triggers } from '../../scripts/ci/changes.ts'
import { matches } from '../../scripts/ci/workflows.ts'
import { Checkout } from './checkout.ts'
import { ROOT } from './repository.ts'

const triggered = (backend: boolean, e2e: boolean) =>
  `triggered={"backend-deploy":${backend},"e2e":${e2e}}\n`
const filtered = (...paths: string[]) =>
  `on:\n  push:\n    paths: ${JSON.stringify(paths)}\njobs: {}\n`
function repository (): Checkout {
  const place = new Checkout([])
  place.write(
    '.github/workflows/backend-deploy.yml',
    filtered('services/backend/**', 'package.json')
  )
  place.write('.github/workflows/e2e.yml', filtered('tests/**'))
  place.write('.github/workflows/nightly.yml', 'on:\n  schedule: []\njobs: {}\n')
  place.write('services/backend/a.ts', 'a')
  place.write('tests/a b "ü".ts', 'a')
  return place.commitAll()
}
const change = (place: Checkout, work: () => void) => {
  work()
  place.git('add', '.')
  place.git('commit', '--quiet', '--message', 'Change')
}
const changes = async (place: Checkout, env: Record<string, string> = {}) => {
  const script = `${ROOT}scripts/ci/changes.ts`
  const { status, stdout, stderr } = await place.run('node', [script], {
    GITHUB_OUTPUT: '.output',
    ...env
  })
  return { status, stdout, stderr, output: place.read('.output') }
}

test('a pattern names a file, or a folder with its content', () => {
  expect(
    ['a/b/c.ts', 'a/b', 'a/bc', 'x/a/b/c.ts', 'a/b/.hidden'].map(file =>
      matches(['a/b/**'], file)
    )
  ).toEqual([true, false, false, false, true])
  expect(
    ['package.json', 'tests/package.json', 'package.jsonc'].map(file =>
      matches(['package.json'], file)
    )
  ).toEqual([true, false, false])
})

test('the output has every workflow with a filter', async () => {
  const place = repository()
  place.git('checkout', '--quiet', '-b', 'topic')
  change(place, () => { place.write('services/backend/new.ts', 'b') })
  const stdout = 'runs  backend-deploy because of services/backend/new.ts\nskips e2e\n'
  const answer = { status: 0, stdout, stderr: '', output: triggered(true, false) }
  expect(await changes(place)).toEqual(answer)
  // BASE is empty outside of pull requests, and GITHUB_OUTPUT outside of GitHub.
  place.write('.output', '')
  expect(await changes(place, { BASE: '' })).toEqual(answer)
  expect(await changes(place, { BASE: '', GITHUB_OUTPUT: '' })).toEqual(answer)
})

test('BASE names the commit to compare with', async () => {
  const place = repository()
  const base = place.git('rev-parse', 'HEAD')
  change(place, () => { place.write('tests/new.ts', 'b') })
  change(place, () => { place.write('README.md', 'r') })
  expect((await changes(place, { BASE: base })).output).toBe(triggered(false, true))
  place.write('.output', '')
  expect((await changes(place, { BASE: 'HEAD~1' })).output).toBe(
    triggered(false, false)
  )
})

test('a moved file counts with both paths, with any name', async () => {
  const place = repository()
  place.git('checkout', '--quiet', '-b', 'topic')
  change(place, () => { place.git('mv', 'tests/a b "ü".ts', 'services/backend/b.ts') })
  expect((await changes(place)).output).toBe(triggered(true, true))
})

test('later commits of main do not count', async () => {
  const place = repository()
  place.git('checkout', '--quiet', '-b', 'topic')
  change(place, () => { place.write('README.md', 'r') })
  place.git('checkout', '--quiet', 'main')
  change(place, () => { place.write('tests/other.ts', 'o') })
  place.git('checkout', '--quiet', 'topic')
  expect((await changes(place)).output).toBe(triggered(false, false))
})

test('an unknown base is an error', async () => {
  const place = repository()
  expect(await changes(place, { BASE: 'f'.repeat(40) })).toEqual({
    status: 1,
    stdout: '',
    output: undefined,
    stderr: expect.stringContaining('Cannot compare with')
  })
})

test('a deleted file counts', async () => {
  const place = repository()
  place.git('checkout', '--quiet', '-b', 'topic')
  change(place, () => { place.git('rm', '--quiet', 'services/backend/a.ts') })
  expect((await changes(place)).output).toBe(triggered(true, false))
})

test('the first file that triggers a workflow is named', () => {
  expect(
    triggers(ROOT, [
      'LICENSE',
      'services/frontend/views/form.hbs',
      'services/frontend/src/app.ts'
    ])
  ).toMatchObject({
    'frontend-deploy': 'services/frontend/views/form.hbs',
    'backend-deploy': undefined
  })
})
