import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { recordingRules } from '../../scripts/alerts/recording-rules.ts'
import { readSlo, windows } from '../../scripts/alerts/slo.ts'
import { ALERT_RULES } from './rules.ts'

const declared = readFileSync(`${ALERT_RULES}slo.yml`, 'utf8')

test('each objective is recorded for each window', () => {
  const slo = readSlo()
  expect(windows(slo)).toEqual(['5m', '30m', '1h', '2h', '6h', '1d', '3d'])
  const { groups } = recordingRules(slo)
  expect(groups).toHaveLength(slo.objectives.length)
  for (const { rules } of groups) expect(rules).toHaveLength(1 + 3 * 7)
})

test.each([
  ['a promise of everything', 'percent: 99.9 ', 'percent: 100 ', 'promises 100 %'],
  ['a threshold that Prometheus 3 writes in another way', 'seconds: 0.3', 'seconds: 1', 'choose a bucket that is not a whole number'],
  ['a window beyond the retention', 'long: 3d', 'long: 8d', 'longer than the retention of 7d'],
  ['a short window that is the longer one', 'long: 1h', 'long: 5m', 'not shorter than the long one'],
  ['a window that is no duration', 'long: 1h', 'long: an hour', 'is not a duration']
])('%s is refused', (_refused, good, bad, message) => {
  const text = declared.replace(good.trimEnd(), bad.trimEnd())
  expect(text).not.toBe(declared)
  expect(() => readSlo(text)).toThrow(message)
})
