import { expect, test } from '@jest/globals'
import { parseOptions } from './options.ts'

test('the defaults are 20 requests a second, a tenth of them posts, for half a minute', () => {
  expect(parseOptions([])).toEqual({
    url: 'http://127.0.0.1:3000',
    rate: 20,
    posts: 0.1,
    durationMs: 30_000,
    timeoutMs: 10_000,
    json: false,
    help: false
  })
})

test('every option is read', () => {
  const args =
    '--url https://frontend.localhost:8443/ --rate 0.5 --posts 1 --duration 3600 --timeout=2.5 ' +
    '--json -h'
  expect(parseOptions(args.split(' '))).toEqual({
    url: 'https://frontend.localhost:8443/',
    rate: 0.5,
    posts: 1,
    durationMs: 3_600_000,
    timeoutMs: 2500,
    json: true,
    help: true
  })
})

test.each([
  'http://localhost',
  'http://127.0.0.1',
  'http://127.8.9.10:3000/',
  'http://[::1]:3000',
  'http://guestbook.localhost'
])('%s is this computer', url => {
  expect(parseOptions(['--url', url]).url).toBe(url)
})

test.each([
  'http://example.org',
  'http://10.0.0.7:3000',
  'http://192.168.1.2',
  'http://0.0.0.0',
  'http://[::2]',
  'http://[fe80::1]',
  'http://127.example.org',
  'http://127.0.0.1.example.org',
  'http://notlocalhost',
  'http://localhost.example.org',
  'http://localhost@example.org'
])('%s is rejected unless --allow-remote is given', url => {
  expect(() => parseOptions(['--url', url])).toThrow(`--url ${url} is not on this computer`)
  expect(parseOptions(['--url', url, '--allow-remote']).url).toBe(url)
})

test.each([
  [['--url', 'ftp://127.0.0.1'], '--url'],
  [['--url', 'http://'], '--url'],
  [['--url', '127.0.0.1:3000'], '--url'],
  [['--rate', '0'], '--rate'],
  [['--rate', '10001'], '--rate'],
  [['--rate', 'many'], '--rate'],
  [['--rate='], '--rate'],
  [['--rate', '-1'], '--rate'],
  [['--posts', '1.01'], '--posts'],
  [['--posts=-0.1'], '--posts'],
  [['--duration', 'Infinity'], '--duration'],
  [['--timeout', 'NaN'], '--timeout'],
  [['--timeout'], '--timeout'],
  [['--json=yes'], '--json'],
  [['--users', '3'], '--users'],
  [['http://127.0.0.1'], 'http://127.0.0.1']
])('%j is rejected with a message that names it', (args, name) => {
  expect(() => parseOptions(args)).toThrow(name)
})
