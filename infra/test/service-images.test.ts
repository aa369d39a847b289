import { describe, expect, test } from '@jest/globals'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadConfig } from '../src/config/load.ts'
import { serviceImages } from '../src/service-images.ts'
import { inFolder } from './folder.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const DIGESTS = { backend: `sha256:${'b'.repeat(64)}`, frontend: `sha256:${'f'.repeat(64)}` }
/** A root without build.sh proves that it is not called. */
const imagesOf = (images: object, root = '/nowhere') =>
  serviceImages(loadConfig('dev', { images }), root)

test('images are named by their content hash', () => {
  const tag = expect.stringMatching(/^[0-9a-f]{12}$/)
  expect(imagesOf({}, ROOT)).toEqual({
    backend: { repository: 'guestbook-backend', tag },
    frontend: { repository: 'guestbook-frontend', tag }
  })
})

test.each<[string, object, object, object]>([
  ['configured tags', { tags: { backend: '1', frontend: '2' } }, { tag: '1' }, { tag: '2' }],
  ['digests, with known tags', { tags: { backend: '1' }, digests: DIGESTS },
    { tag: '1', digest: DIGESTS.backend }, { digest: DIGESTS.frontend }]
])('images are named by %s, in the repository', (_, settings, backend, frontend) => {
  expect(imagesOf({ repository: 'r.example/x', build: false, ...settings })).toEqual({
    backend: { repository: 'r.example/x/guestbook-backend', ...backend },
    frontend: { repository: 'r.example/x/guestbook-frontend', ...frontend }
  })
})

describe('build.sh', () => {
  const BACKEND = 'guestbook-backend:0b'
  const FRONTEND = 'guestbook-frontend:0f'
  /** What is made of a build.sh that prints these lines. */
  const imagesBy = (lines: string[], images = {}) => inFolder(root => {
    const script = '#!/bin/sh\n' +
      '[ -z "$IMAGE_REPOSITORY" ] && [ "$*" = "--all --print-tag" ] || exit 1\n' +
      `printf '${lines.join('\\n')}\\n'`
    writeFileSync(join(root, 'build.sh'), script, { mode: 0o755 })
    return imagesOf(images, root)
  })

  test.each([[[BACKEND, FRONTEND]], [[FRONTEND, 'other:1', BACKEND]]])(
    'is called for the tags only, and may print %j', lines => {
      process.env.IMAGE_REPOSITORY = 'r.example/of-this-computer'
      try {
        expect(imagesBy(lines)).toEqual({
          backend: { repository: 'guestbook-backend', tag: '0b' },
          frontend: { repository: 'guestbook-frontend', tag: '0f' }
        })
      } finally {
        delete process.env.IMAGE_REPOSITORY
      }
    })

  test('names what the settings do not', () => {
    expect(imagesBy([BACKEND, FRONTEND], { repository: 'r.example', tags: { backend: 'v1' } }))
      .toEqual({
        backend: { repository: 'r.example/guestbook-backend', tag: 'v1' },
        frontend: { repository: 'r.example/guestbook-frontend', tag: '0f' }
      })
  })

  test.each([['guestbook-frontend', [BACKEND, 'guestbook-frontend-old:1']],
    ['guestbook-backend', [FRONTEND]]])('must name %s', (name, lines) => {
    expect(() => imagesBy(lines))
      .toThrow(`build.sh --print-tag names no image ${name}: ${lines.join(', ')}`)
  })
})
