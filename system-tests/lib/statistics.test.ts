import { expect, test } from '@jest/globals'
import { median, percentile, slope } from './statistics.ts'

test('a percentile is a value of the list, by nearest rank', () => {
  const values = [4, 1, 3, 2]
  expect([0, 25, 26, 50, 75, 99, 100].map(percent => percentile(values, percent))).toEqual([
    1, 1, 2, 2, 3, 4, 4
  ])
  expect([percentile([], 50), values]).toEqual([NaN, [4, 1, 3, 2]])
})

test('a median is the middle value or the mean of both, and NaN of none', () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([7]), median([])]).toEqual([
    2,
    2.5,
    7,
    NaN
  ])
})

test('a slope is that of the line that fits best, and 0 of too few points', () => {
  expect(slope([[0, 1], [1, 3], [2, 5]])).toBe(2)
  expect(slope([[0, 1], [1, 0], [2, 1]])).toBe(0)
  expect([slope([]), slope([[1, 1]]), slope([[1, 1], [1, 2]])]).toEqual([0, 0, 0])
})
