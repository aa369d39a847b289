/** Links, anchors, paths and make targets in Markdown files exist. */
import { posix } from 'node:path'
import { expect, test } from '@jest/globals'
import { FILES, filesUnder, makeTargets, read } from './repository.ts'

const DOCUMENTS = FILES.filter(file => file.endsWith('.md'))
const TOP_FOLDERS = new Set(
  FILES.filter(file => file.includes('/')).map(file => file.split('/')[0]!)
)
/** Files that a command or an operator creates, untracked or later. */
const CREATED = [
  'compose/secrets', 'infra/argocd', 'infra/cdktf.out', 'infra/local.yaml',
  'infra/providers.lock.hcl', 'infra/secrets.tfvars', 'infra/.docker_sock'
]

const prose = (file: string) => read(file).replaceAll(/^(```[\s\S]*?^```| {4}\S.*)$/gm, '')

/** The anchors that GitHub gives the headings of a document. */
const anchors = (file: string) =>
  [...read(file).matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-'))

function problem (from: string, link: string): string | undefined {
  const [path, anchor] = link.split('#')
  const target = path ? posix.normalize(posix.join(posix.dirname(from), path)) : from
  if (filesUnder(target.replace(/\/$/, '')).length === 0) return `${from}: no file ${link}`
  if (anchor && !anchors(target).includes(anchor)) return `${from}: no heading ${link}`
  return undefined
}

test('every relative link and anchor resolves', () => {
  const problems = DOCUMENTS.flatMap(from =>
    [...prose(from).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link]) => link!)
      .filter(link => !/^[a-z]+:/.test(link))
      .map(link => problem(from, link)))
  expect(problems.length).toBeGreaterThan(100)
  expect(problems.filter(Boolean)).toEqual([])
})

test('every path in backticks exists', () => {
  const missing = DOCUMENTS.filter(file => file !== 'CHANGELOG.md').flatMap(from =>
    [...prose(from).matchAll(/`([\w.-]+(?:\/[\w.-]+)+\/?)`/g)]
      .map(([, path]) => path!.replace(/\/$/, ''))
      .filter(path => TOP_FOLDERS.has(path.split('/')[0]!) && !/\b(NAME|UID)\b/.test(path))
      .filter(path => filesUnder(path).length === 0)
      .filter(path => !CREATED.some(made => path === made || path.startsWith(`${made}/`)))
      .map(path => `${from}: ${path}`))
  expect(missing).toEqual([])
})

test('every make target exists', () => {
  const targets = makeTargets()
  const named = DOCUMENTS.flatMap(from =>
    [...read(from).matchAll(/(?:`|^ {4,})make ([a-z0-9-]+)/gm)].map(([, name]) => name!))
  expect(named.filter(name => !targets.includes(name))).toEqual([])
  expect(named.length).toBeGreaterThan(100)
})

test('every document of docs is linked from the map', () => {
  const linked = [...read('docs/README.md').matchAll(/\]\(([^)#\s]+)\)/g)]
    .map(([, link]) => posix.join('docs', link!))
  const documents = DOCUMENTS.filter(file =>
    file.startsWith('docs/') && !file.startsWith('docs/decisions/0') && file !== 'docs/README.md')
  expect(documents.filter(file => !linked.includes(file))).toEqual([])
})
