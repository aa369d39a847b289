import { expect, test } from '@jest/globals'
import { alertingFiles } from '../../alert-rules/generator/provisioning.ts'
import { scaleFile, scaleQuery } from './scale.ts'

test('windows of a query become 120 times shorter, names of recorded series stay', () => {
  expect(
    scaleQuery('max_over_time(up[1d]) + rate(a[5m]) > slo:burn_rate1h{slo="x"} + b[1h:15s]')
  ).toBe(
    'max_over_time(up[720000ms]) + rate(a[2500ms]) > slo:burn_rate1h{slo="x"} + b[30000ms:500ms]'
  )
})

test('of the files nothing but durations changes', () => {
  const withoutDurations = (value: unknown) => JSON.stringify(value, (key, value) => {
    if (['for', 'interval', 'group_wait', 'group_interval', 'repeat_interval'].includes(key)) {
      return 'a while'
    }
    return key === 'expr' ? (value as string).replaceAll(/\[\w+\]/g, '[a while]') : value
  })
  for (const file of Object.values(alertingFiles())) {
    expect(withoutDurations(scaleFile(file, 10))).toBe(withoutDurations(file))
  }
})
