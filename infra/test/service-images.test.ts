import { describe, expect, test } from '@jest/globals'
import { fileURLToPath } from 'node:url'
import { configOf } from '../src/config/load.ts'
import { serviceImages } from '../src/service-images.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const DIGESTS = { backend: `sha256:${'b'.repeat(64)}`, frontend: `sha256:${'f'.repeat(64)}` }
/** A root without build.sh shows that nobody asks it. */
const imagesOf = (images: object, root = '/nowhere') => serviceImages(configOf('dev', { images }), root)

describe('the images of our services are named', () => {
  test('by the hash of their content', () => {
    expect(imagesOf({}, ROOT)).toEqual({
      backend: { repository: 'guestbook-backend', tag: expect.stringMatching(/^[0-9a-f]{12}$/) },
      frontend: { repository: 'guestbook-frontend', tag: expect.stringMatching(/^[0-9a-f]{12}$/) }
    })
  })

  test('by tags that are given, in the repository', () => {
    expect(imagesOf({ repository: 'r.example/x', build: false, tags: { backend: '1', frontend: '2' } })).toEqual({
      backend: { repository: 'r.example/x/guestbook-backend', tag: '1' },
      frontend: { repository: 'r.example/x/guestbook-frontend', tag: '2' }
    })
  })

  test('by digests, with the tags beside them where these are known', () => {
    expect(imagesOf({ repository: 'r.example/x', build: false, tags: { backend: '1' }, digests: DIGESTS })).toEqual({
      backend: { repository: 'r.example/x/guestbook-backend', tag: '1', digest: DIGESTS.backend },
      frontend: { repository: 'r.example/x/guestbook-frontend', digest: DIGESTS.frontend }
    })
  })
})
