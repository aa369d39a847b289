import { expect, test } from '@jest/globals'
import type { ClusterEnvironment } from './drills.ts'
import { clusterDrills } from './drills.ts'
import { endable } from './environment.ts'
import { alertingFiles, rulesOf } from '../../../alert-rules/generator/provisioning.ts'

const nowhere = {} as ClusterEnvironment

function recorded (begin: () => Promise<void> = async () => {}) {
  const calls: string[] = []
  const { drill, endNow } = endable({
    fault: 'nothing',
    pages: [],
    begin: async () => {
      await begin()
      calls.push('begun')
    },
    end: async () => { calls.push('ended') }
  })
  return { calls, drill, endNow }
}

test('a drill that has ended is not ended again', async () => {
  const { calls, drill, endNow } = recorded()
  await drill.begin(nowhere)
  await drill.end(nowhere)
  await endNow(nowhere)
  expect(calls).toEqual(['begun', 'ended'])
})

test('a drill that is interrupted while it begins is ended after that', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const { calls, drill, endNow } = recorded(async () => { await promise })
  const [begun, ended] = [drill.begin(nowhere), endNow(nowhere)]
  expect(calls).toEqual([])
  resolve()
  await Promise.all([begun, ended])
  expect(calls).toEqual(['begun', 'ended'])
})

test('a drill that fails to begin is ended', async () => {
  const { calls, drill, endNow } = recorded(async () => { throw new Error('half-way') })
  await expect(drill.begin(nowhere)).rejects.toThrow('half-way')
  await endNow(nowhere)
  expect(calls).toEqual(['ended'])
})

test('every rule on metrics of a cluster has a drill there', () => {
  const drilled = clusterDrills(true).flatMap(({ pages }) => pages.map(({ rule }) => rule))
  const known = rulesOf(alertingFiles()).map(({ uid }) => uid)
  expect(drilled.filter(rule => !known.includes(rule))).toEqual([])
  expect(drilled).toEqual(
    expect.arrayContaining([
      'pod-crash-looping',
      'volume-filling',
      'mongodb-backup-overdue',
      'scrape-target-down',
      'mongodb-down',
      'visitor-probe-failing'
    ])
  )
  expect(
    clusterDrills(false).flatMap(({ pages }) => pages.map(({ rule }) => rule))
  ).not.toContain('mongodb-backup-overdue')
})
