import { expect, test } from '@jest/globals'
import { picture } from './picture.ts'
import { markdown, type Report } from './report.ts'
import { summarise, type Round, type Summary } from './summary.ts'
import { goals } from './goals.ts'
import { parseResult } from './wrk.ts'

const round = (requests: number, { errors = 0, cpuSeconds = 2, p99Ms = 1 } = {}): Round => ({
  requests,
  errors,
  seconds: 4,
  cpuSeconds,
  p50Ms: 0.5,
  p99Ms
})
const summary = (rate: number, ratePerCpu = rate): Summary => ({
  rate,
  ratePerCpu,
  least: rate * 0.9,
  most: rate * 1.1,
  p50Ms: 1,
  p99Ms: 2,
  errors: 0
})

function report (over: Partial<Report> = {}): Report {
  return {
    date: '2026-11-21T08:00:00.000Z',
    machine: {
      cpu: 'A <fast> one',
      cores: 2,
      memoryGib: 8,
      linux: '6.1',
      node: 'v24.0.0',
      mongod: '6.0.27',
      loadGenerator: 'wrk 4.1.0'
    },
    load: { before: 0.1, after: 1.5 },
    rounds: 3,
    seconds: 4,
    cases: {
      'page-32': {
        guestbook: summary(10_000),
        bare: summary(41_000),
        express: summary(1000, 2500),
        flask: summary(600)
      }
    },
    half: {
      page: {
        guestbook: {
          rate: 5000,
          p50Ms: 1,
          p99Ms: 6,
          eventLoopDelayMs: { frontend: 12, backend: 11 }
        },
        bare: { rate: 20_000, p50Ms: 0.4, p99Ms: 1.5 }
      }
    },
    depth: {
      small: { messages: 1000, firstMs: 1, deepMs: 1 },
      large: { messages: 1_000_000, firstMs: 1.05, deepMs: 1.2 }
    },
    services: {
      frontend: { readyMs: 400, memoryMib: 90, peakMib: 100 },
      backend: { readyMs: 1200, memoryMib: 80, peakMib: 90 }
    },
    ...over
  }
}

test('rounds become a median with its spread; what failed does not count as served', () => {
  expect(
    summarise([round(400), round(1200, { errors: 400, cpuSeconds: 1 }), round(600, { p99Ms: 9 })])
  ).toEqual({
    rate: 150,
    least: 100,
    most: 200,
    ratePerCpu: 300,
    p50Ms: 0.5,
    p99Ms: 1,
    errors: 400
  })
})

test('the result of wrk is parsed, and an error shows output without one', () => {
  expect(
    parseResult(
      'Running 1s test\n  1 threads\n' +
        'RESULT {"requests":5,"seconds":1,"errors":0,"p50Ms":1,"p99Ms":2}\n'
    )
  ).toEqual({ requests: 5, seconds: 1, errors: 0, p50Ms: 1, p99Ms: 2 })
  expect(() => parseResult('unable to connect')).toThrow('unable to connect')
})

test('a goal is met or missed when it was measured, and neither otherwise', () => {
  const judged = goals(report())
    .filter(({ met }) => met !== undefined)
    .map(({ text, measured, met }) => [text.replace(/:.*/, ''), measured, met])
  expect(judged).toEqual([
    ['Page, 32 connections', '10.0 times', true],
    ['the same per CPU second', '4.0 times', false],
    ['Page, 32 connections', '16.7 times', true],
    ['the same per CPU second', '16.7 times', true],
    ['Page, 32 connections', '24 %', false],
    ['Page at half of saturation', '4.0 times (6.0 ms and 1.5 ms)', true],
    ['First page with 1,000,000 messages', '1.05 times', true],
    ['A page 10,000 messages deep in 1,000,000', '1.20 times', false],
    ['The frontend is ready in under 1 s from exec', '400 ms', true],
    ['The frontend holds less than 120 MiB under full load', '100 MiB at most', true],
    ["The frontend's event-loop delay at half of saturation", '12 ms', true],
    ['The backend is ready in under 1 s from exec', '1200 ms', false],
    ['The backend holds less than 120 MiB under full load', '90 MiB at most', true]
  ])
})

test('the report has the machine, its load, and rows of every target and goal', () => {
  const text = markdown(report())
  expect(text).toContain(
    '2 cores (A <fast> one), 8 GiB, Linux 6.1, Node v24.0.0, MongoDB 6.0.27, wrk 4.1.0. ' +
      'Medians of 3 rounds of 4 s each'
  )
  expect(text).toContain('load average 0.1 before, 1.5 after')
  expect(text).toContain(
    '| Bare node:http | 41,000 (36,900 to 45,100) | 0.24 times | 41,000 | 1.0 | 2.0 | 0 |'
  )
  expect(text).toContain(
    '| Page, 32 connections: at least 25 % of the bare server | 24 % | **missed** |'
  )
  expect(text).toContain(
    '| API list, 32 connections: at least 5 times Express | not measured |  |'
  )
  expect(text).not.toContain('**API list, 32 connections**')
})

test('the picture has a bar for everyone, the longest for the fastest', () => {
  const svg = picture(report().cases)
  const widths = [...svg.matchAll(/<rect x="220"[^>]* width="([\d.]+)"/g)].map(([, width]) =>
    Number(width)
  )
  expect(widths).toHaveLength(4)
  expect(Math.max(...widths)).toBe(widths[1])
  expect(widths[0]! / widths[1]!).toBeCloseTo(10 / 41, 2)
  expect(svg).toMatch(/^<svg [^>]*viewBox="0 0 760 \d+".*<\/svg>\n$/s)
})
