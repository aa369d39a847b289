import { expect, test } from '@jest/globals'
import { callsFor } from '../../scripts/ci/changes.ts'
import { matches } from '../../scripts/ci/workflows.ts'
import { Checkout } from './checkout.ts'
import { ROOT } from './repository.ts'

const filtered = (...paths: string[]) => `on:\n  push:\n    paths: ${JSON.stringify(paths)}\njobs: {}\n`
function repository (): Checkout {
  const place = new Checkout([])
  place.write('.github/workflows/backend-deploy.yml', filtered('services/backend/**', 'package.json'))
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
  const { status, stderr } = await place.run('node', [`${ROOT}scripts/ci/changes.ts`], { GITHUB_OUTPUT: '.output', ...env })
  const output = place.read('.output')
  return { status, stderr, output }
}

test('a pattern is a file, or a folder with all that is in it', () => {
  expect(['a/b/c.ts', 'a/b', 'a/bc', 'x/a/b/c.ts', 'a/b/.hidden'].map(file => matches(['a/b/**'], file))).toEqual([true, false, false, false, true])
  expect(['package.json', 'tests/package.json', 'package.jsonc'].map(file => matches(['package.json'], file))).toEqual([true, false, false])
})

test('every workflow with a filter gets an answer, true or false', async () => {
  const place = repository()
  place.git('switch', '--quiet', '--create', 'topic')
  change(place, () => { place.write('services/backend/new.ts', 'b') })
  expect(await changes(place)).toEqual({ status: 0, stderr: '', output: 'backend-deploy=true\ne2e=false\n' })
})

test('a file that moves counts at both its places, whatever its name', async () => {
  const place = repository()
  place.git('switch', '--quiet', '--create', 'topic')
  change(place, () => { place.git('mv', 'tests/a b "ü".ts', 'services/backend/b.ts') })
  expect((await changes(place)).output).toBe('backend-deploy=true\ne2e=true\n')
})

test('what has happened on main meanwhile does not count', async () => {
  const place = repository()
  place.git('switch', '--quiet', '--create', 'topic')
  change(place, () => { place.write('README.md', 'r') })
  place.git('switch', '--quiet', 'main')
  change(place, () => { place.write('tests/other.ts', 'o') })
  place.git('switch', '--quiet', 'topic')
  expect((await changes(place)).output).toBe('backend-deploy=false\ne2e=false\n')
})

test('an unknown base is an error, so that nothing is left out unseen', async () => {
  const place = repository()
  expect(await changes(place, { BASE: 'f'.repeat(40) })).toEqual({ status: 1, output: undefined, stderr: expect.stringContaining('cannot be told') })
})

test('the file that calls for a workflow is told', () => {
  expect(callsFor(ROOT, ['LICENSE', 'services/frontend/views/form.hbs', 'services/frontend/src/app.ts'])).toMatchObject({ 'frontend-deploy': 'services/frontend/views/form.hbs', 'backend-deploy': undefined })
})
