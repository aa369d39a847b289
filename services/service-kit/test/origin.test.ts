import { expect, test } from '@jest/globals'
import { isOriginList, originOf, originsOf } from '../src/origin.ts'

test.each([
  ['http://a.example', 'http://a.example'],
  ['http://a.example:80', 'http://a.example'],
  ['https://a.example:443/', 'https://a.example'],
  ['https://a.example:80', 'https://a.example:80'],
  ['HTTP://A.Example:8080', 'http://a.example:8080'],
  ['https://bücher.example', 'https://xn--bcher-kva.example'],
  ['http://a.example.', 'http://a.example'],
  ['http://a.example.:8080', 'http://a.example:8080'],
  ['http://[::1]:80', 'http://[::1]'],
  ['http://[0:0::1]:3000', 'http://[::1]:3000'],
  ['http://0x7f.1', 'http://127.0.0.1']
])('the origin of %s is %s', (text, origin) => {
  expect(originOf(text)).toBe(origin)
  expect(originOf(origin)).toBe(origin)
})

test.each([
  '', 'null', 'a.example', '//a.example', 'http://', 'http://a.example/path', 'http://a.example?x',
  'http://a.example#x', 'http://user@a.example', 'http://:pw@a.example', 'ftp://a.example',
  'file:///', 'blob:http://a.example/x', 'chrome-extension://a.example', 'javascript:0',
  'http://a.example, http://b.example', 'http://a.example http://b.example'
])('%j is no origin', text => { expect(originOf(text)).toBeUndefined() })

test('a list is valid if each entry is', () => {
  expect(originsOf('https://a.example, http://B.example:80')).toEqual([
    'https://a.example',
    'http://b.example'
  ])
  expect(isOriginList('https://a.example, http://B.example:80')).toBe(true)
  for (const list of [
    '', ',', 'https://a.example,', 'https://a.example,b.example',
    'https://a.example https://b.example', '*', 'https://*.example/x'
  ]) {
    expect([list, isOriginList(list)]).toEqual([list, false])
  }
})
