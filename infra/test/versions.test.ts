import { describe, expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { component, components, image, type Component } from '../src/components.ts'
import { endings, inWords } from '../src/lifetimes.ts'

const today = new Date('2026-11-21T12:00:00Z')
const thing = (endOfLife: string | null, successor?: string): Component =>
  ({ id: 'thing', name: 'Thing', kind: 'chart', source: 'https://charts.example/thing', version: '1.2.3', endOfLife, successor })

describe('a component', () => {
  test.each<[string, string | null, number[]]>([
    ['that ended is told', '2026-03-02', [-264]],
    ['that ends in 90 days is told', '2027-02-19', [90]],
    ['that ends in 91 days is not yet told', '2027-02-20', []],
    ['of which nobody knows the end is not told', null, []]
  ])('%s', (_, endOfLife, days) => {
    expect(endings([thing(endOfLife)], today, 90).map(one => one.days)).toEqual(days)
  })

  test('that ends is told with its successor, the most urgent first', () => {
    const told = endings([thing('2027-01-01', 'Take the other.'), thing('2026-03-02')], today, 90).map(inWords)
    expect(told).toEqual([
      'Thing 1.2.3 ended on 2026-03-02. No successor is named in components.json.',
      'Thing 1.2.3 ends on 2027-01-01, in 41 days. Take the other.'
    ])
  })
})

describe('the ledger', () => {
  test.each(components.map(({ id }) => id))('has %s once, with an exact version', id => {
    expect(components.filter(one => one.id === id)).toHaveLength(1)
    expect(component(id).version).toMatch(/^v?\d+(\.\d+){1,2}(-[\w.-]+)?$/)
  })

  test('names what comes next for all that has an end', () => {
    expect(components.filter(({ endOfLife, successor }) => endOfLife && !successor)).toEqual([])
  })

  test.each(components.filter(({ endOfLife }) => endOfLife).map(({ id, endOfLife }) => [id, endOfLife!]))('gives %s an end that is a date', (_, endOfLife) => {
    expect(new Date(endOfLife).toISOString().slice(0, 10)).toBe(endOfLife)
  })

  test('says what package.json says', () => {
    const { dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
    expect(component('cdktf').version).toBe(dependencies.cdktf)
  })

  test('is asked by its own names alone', () => {
    expect(() => image('nothing')).toThrow('components.json has no component "nothing"')
  })
})
