import { expect, test } from '@jest/globals'
import { Checkout } from './checkout.ts'

test.each([
  [
    'a cluster that exists',
    { settings: 'target: { type: context, context: production }' },
    'target.type is "context": this test makes and removes a Kind cluster of its own'
  ],
  [
    'a checkout with a deployment of its own',
    { state: '{ "resources": [{ "type": "kind_cluster", "name": "cluster" }] }' },
    'infra/state/dev belongs to a deployment that is there: `make down` first'
  ]
])(
  'make e2e-infra rejects %s, and changes nothing',
  async (_, { settings = '{}', state }: { settings?: string; state?: string }, message) => {
    const place = new Checkout([
      'system-tests/e2e', 'system-tests/lib', 'infra', 'services/services.json', 'alert-rules'
    ], {
      docker: '',
      terraform: '',
      kubectl: '',
      make: ''
    })
    place.write('mine.yaml', settings)
    if (state) place.write('infra/state/dev/cluster.tfstate', state)

    const { status, stderr } = await place.run('node', ['system-tests/e2e/infra/run.ts'], {
      GUESTBOOK_CONFIG: `${place.folder}/mine.yaml`
    })
    expect(stderr).toContain(message)
    expect(status).toBe(1)
    expect(place.calls).toEqual([])
  }
)
