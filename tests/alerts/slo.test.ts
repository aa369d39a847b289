import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { seconds } from '../../alert-rules/generator/duration.ts'
import { recordingRules } from '../../alert-rules/generator/recording-rules.ts'
import { budget, readSlo, windows } from '../../alert-rules/generator/slo.ts'
import { ALERT_RULES } from '../../alert-rules/generator/provisioning.ts'

const declared = readFileSync(`${ALERT_RULES}slo.yml`, 'utf8')

test('the objectives and burn rates are these', () => {
  expect(readSlo()).toEqual({
    period: '30d',
    retention: '7d',
    minimum_bad_requests: 10,
    objectives: [
      { name: 'frontend-availability', service: 'frontend', percent: 99.9 },
      { name: 'frontend-latency', service: 'frontend', percent: 95, seconds: 0.3 },
      { name: 'backend-availability', service: 'backend', percent: 99.9 },
      { name: 'backend-latency', service: 'backend', percent: 95, seconds: 0.3 }
    ],
    burn_rates: [
      { name: 'page-fast', severity: 'critical', burn: 14.4, long: '1h', short: '5m', for: '2m' },
      { name: 'page-slow', severity: 'critical', burn: 6, long: '6h', short: '30m', for: '15m' },
      { name: 'ticket-fast', severity: 'warning', burn: 3, long: '1d', short: '2h', for: '1h' },
      { name: 'ticket-slow', severity: 'warning', burn: 1, long: '3d', short: '6h', for: '3h' }
    ]
  })
})

test('docs/reference/slo.md has the same numbers', () => {
  const document = readFileSync(`${ALERT_RULES}../docs/reference/slo.md`, 'utf8')
  const rows = [
    ...['frontend', 'backend'].flatMap(name => [
      `${name}-availability | ${name} | 99.9 % of responses are not 5xx | ` +
        '43 minutes of full outage',
      `${name}-latency | ${name} | 95 % of responses within 300 ms | 5 of 100 responses`
    ]),
    'page-fast | 14.4 | 1h | 5m | 2m | critical',
    'page-slow | 6 | 6h | 30m | 15m | critical',
    'ticket-fast | 3 | 1d | 2h | 1h | warning',
    'ticket-slow | 1 | 3d | 6h | 3h | warning'
  ]
  const found = document.split('\n').filter(line => /^\| [a-z-]+ \| (?!service|times)/.test(line))
  expect(found).toEqual(rows.map(row => `| ${row} |`))
  expect(document).toContain('target over 30d')
  expect(document).toContain('Below 10 bad\nrequests in the long window no alert fires.')
  expect(document).toContain('The smallest profile keeps metrics for 7d')
  expect(document).toMatch(/how much of the error budget of 30d\nthe last 7d have used\.\n$/)
})

test.each([
  ['500ms', 0.5], ['30s', 30], ['5m', 300], ['1h30m', 5400], ['3d', 259_200], ['2w', 1_209_600]
])('%s are %d seconds', (duration, expected) => { expect(seconds(duration)).toBe(expected) })

test.each(['', '5', 'm', '5 m', '-5m', '5y', '1h!'])('"%s" is not a duration', text => {
  expect(() => seconds(text)).toThrow('is not a duration such as 30s')
})

test.each([[99.9, 0.001], [99.95, 0.0005], [99.999, 0.00001], [95, 0.05]])(
  'an objective of %d %% has a budget of %d', (percent, share) => {
    expect(budget({ name: 'x', service: 'x', percent })).toBe(share)
  })

test('each objective has recording rules for each window', () => {
  const slo = readSlo()
  expect(windows(slo)).toEqual(['5m', '30m', '1h', '2h', '6h', '1d', '3d'])
  const { groups } = recordingRules(slo)
  expect(groups).toHaveLength(slo.objectives.length)
  for (const { rules } of groups) expect(rules).toHaveLength(1 + 3 * 7)
})

test.each([
  ['an objective of 100 %', 'percent: 99.9 ', 'percent: 100 ', 'has an objective of 100 %'],
  [
    'a threshold that Prometheus 3 formats in another way',
    'seconds: 0.3',
    'seconds: 1',
    'choose a bucket that is not a whole number'
  ],
  ['a window beyond the retention', 'long: 3d', 'long: 8d', 'longer than the retention of 7d'],
  [
    'a long window as short as the short one',
    'long: 1h',
    'long: 5m',
    'not shorter than the long one'
  ],
  ['an objective of 0 %', 'percent: 99.9 ', 'percent: 0 ', 'has an objective of 0 %'],
  [
    'a short window as long as the long one',
    'short: 5m',
    'short: 1h',
    'not shorter than the long one'
  ],
  [
    'a short window beyond the retention',
    'short: 6h',
    'short: 8d',
    'longer than the retention of 7d'
  ],
  ['a window that is not a duration', 'long: 1h', 'long: an hour', 'is not a duration']
])('%s is rejected', (_error, good, bad, message) => {
  const text = declared.replace(good.trimEnd(), bad.trimEnd())
  expect(text).not.toBe(declared)
  expect(() => readSlo(text)).toThrow(message)
})

test('a window may be as long as the retention', () => {
  expect(windows(readSlo(declared.replace('long: 3d', 'long: 7d'))).at(-1)).toBe('7d')
})
