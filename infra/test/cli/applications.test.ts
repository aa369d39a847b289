import { expect, test } from '@jest/globals'
import { describeApplication, isDelivered, type Application } from '../../cli/applications.ts'

const source = { path: 'charts/guestbook-backend', helm: { valuesObject: { replicas: 2 } } }
const well: Application = {
  metadata: { name: 'guestbook-backend' },
  spec: { source },
  status: {
    sync: {
      status: 'Synced',
      revision: '0123456789abcdef',
      comparedTo: { source: JSON.parse(JSON.stringify(source)) }
    },
    health: { status: 'Healthy' },
    operationState: { phase: 'Succeeded', message: 'successfully synced' }
  }
}
const but = (status: Partial<Application['status']>): Application => ({
  ...well,
  status: { ...well.status, ...status }
})

test.each<[string, boolean, Application]>([
  ['it is synced to its source and healthy', true, well],
  ['it has no status yet', false, { ...well, status: undefined }],
  ['it differs from Git', false, but({ sync: { ...well.status!.sync!, status: 'OutOfSync' } })],
  ['it was never compared', false, but({ sync: { status: 'Synced' } })],
  ['its pods are not ready', false, but({ health: { status: 'Progressing' } })],
  ['it is degraded', false, but({ health: { status: 'Degraded' } })],
  ['a sync is under way', false, but({ operationState: { phase: 'Running' } })],
  ['a sync failed', true, but({ operationState: { phase: 'Failed' } })],
  ['there was no sync', true, but({ operationState: undefined })],
  ['its values changed since the comparison', false,
    { ...well, spec: { source: { ...source, helm: { valuesObject: { replicas: 3 } } } } }]
])('while %s, an Application is delivered: %s', (_, delivered, application) => {
  expect(isDelivered(application)).toBe(delivered)
})

test.each<[string, Application, string]>([
  ['no error', well, 'Synced, Healthy at 0123456'],
  ['no status', { ...well, status: undefined }, 'Unknown, Unknown'],
  ['an empty status', but({ sync: { status: '' } }), 'Unknown, Healthy'],
  ['a sync that runs', but({ operationState: { phase: 'Running', message: 'waiting' } }),
    'Synced, Healthy at 0123456'],
  ['a sync that failed', but({ operationState: { phase: 'Failed', message: 'forbidden' } }),
    'Synced, Healthy at 0123456: forbidden'],
  ['a sync that ended with an error', but({ operationState: { phase: 'Error', message: 'no' } }),
    'Synced, Healthy at 0123456: no'],
  ['a condition', but({ conditions: [{ message: 'repository not found' }] }),
    'Synced, Healthy at 0123456: repository not found'],
  ['the last of several conditions',
    but({ conditions: [{ message: 'first' }, { message: 'last' }] }),
    'Synced, Healthy at 0123456: last'],
  ['a condition before the sync',
    but({ conditions: [{ message: 'c' }], operationState: { phase: 'Failed', message: 's' } }),
    'Synced, Healthy at 0123456: c'],
  ['300 characters of a long message', but({ conditions: [{ message: 'x'.repeat(301) }] }),
    `Synced, Healthy at 0123456: ${'x'.repeat(300)}`]
])('an Application is described in a line, with %s', (_, application, line) => {
  expect(describeApplication(application)).toBe(`guestbook-backend    ${line}`)
})
