import { describe, expect, test } from '@jest/globals'
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

describe('Applications of Argo CD', () => {
  test('is delivered when it is synced to its source and healthy', () => {
    expect(isDelivered(well)).toBe(true)
  })

  test.each<[string, Application]>([
    ['nothing is known of it yet', { ...well, status: undefined }],
    ['something differs from Git', but({ sync: { ...well.status!.sync!, status: 'OutOfSync' } })],
    ['its pods are not ready', but({ health: { status: 'Progressing' } })],
    ['a sync is under way', but({ operationState: { phase: 'Running' } })],
    [
      'its values changed since Argo CD looked',
      { ...well, spec: { source: { ...source, helm: { valuesObject: { replicas: 3 } } } } }
    ]
  ])('has not isDelivered while %s', (_, application) => {
    expect(isDelivered(application)).toBe(false)
  })

  test('is described in a line, with the error', () => {
    expect(describeApplication(well)).toBe('guestbook-backend    Synced, Healthy at 0123456')
    expect(describeApplication({ ...well, status: undefined })).toBe(
      'guestbook-backend    Unknown, Unknown'
    )
    expect(describeApplication(but({ sync: { status: '' } }))).toContain('Unknown, Healthy')
    expect(
      describeApplication(but({ conditions: [{ message: 'repository not found' }] }))
    ).toContain(': repository not found')
    expect(
      describeApplication(
        but({ operationState: { phase: 'Failed', message: 'namespaces is forbidden' } })
      )
    ).toContain(': namespaces is forbidden')
  })

  test.each<[string, Partial<Application['status']>, string]>([
    ['a sync that runs', { operationState: { phase: 'Running', message: 'waiting' } }, ''],
    ['a sync that ended with an error', { operationState: { phase: 'Error', message: 'no' } },
      ': no'],
    ['the last of several conditions',
      { conditions: [{ message: 'first' }, { message: 'last' }] }, ': last'],
    ['a condition before the sync',
      { conditions: [{ message: 'c' }], operationState: { phase: 'Failed', message: 's' } }, ': c'],
    ['300 characters of a long message', { conditions: [{ message: 'x'.repeat(301) }] },
      `: ${'x'.repeat(300)}`]
  ])('is described with %s', (_, status, end) => {
    expect(describeApplication(but(status))).toBe(
      `guestbook-backend    Synced, Healthy at 0123456${end}`
    )
  })

  test('has not isDelivered while it is degraded, or was never compared', () => {
    expect(isDelivered(but({ health: { status: 'Degraded' } }))).toBe(false)
    expect(isDelivered(but({ sync: { status: 'Synced' } }))).toBe(false)
    expect(isDelivered(but({ operationState: undefined }))).toBe(true)
    expect(isDelivered(but({ operationState: { phase: 'Failed' } }))).toBe(true)
  })
})
