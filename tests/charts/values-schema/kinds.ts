import { integer, LOWER, times, WORDS, type Row } from './row.ts'

/** Names of namespaces, Secrets and IngressClasses: one label of a host name. */
export const NAMES = {
  accepted: ['a', '1', 'a-b', ...LOWER, times('a', 63)],
  rejected: ['', '-a', 'a-', 'a_b', 'a.b', 'A', times('a', 64)]
}
export const names = (path: string): Row => [
  path,
  [[], ['a', 'b'], ...NAMES.accepted.map(name => [name])],
  ['a', ['a', 'a'], [1], ...NAMES.rejected.map(name => [name])]
]
const CIDRS = {
  accepted: [
    '10.0.0.0/8', '192.168.100.100/32', '::/0', 'fd00::1/128', '::ffff:10.0.0.0/96',
    'FDAF:af09::/8'
  ],
  rejected: [
    '', 'a/8', '10.0.0.0', '10.0.0/8', '10.0.0.0.0/8', '1000.0.0.0/8', '10.0.0.0/123', '10.0.0.0/',
    '10.0.0.0/8 ', ' 10.0.0.0/8', '::', '::/1234', 'g::/8'
  ]
}
export const cidrs = (path: string): Row => [
  path,
  [[], ['10.0.0.0/8', '::/0'], ...CIDRS.accepted.map(cidr => [cidr])],
  ['10.0.0.0/8', ['::/0', '::/0'], [1], ...CIDRS.rejected.map(cidr => [cidr])]
]
const RESERVED = [
  'app.kubernetes.io/name', 'app.kubernetes.io/instance', 'app.kubernetes.io/part-of',
  'app.kubernetes.io/version', 'app.kubernetes.io/managed-by', 'app.kubernetes.io/component',
  'helm.sh/chart'
]
export const labels = (path: string): Row => [
  path,
  [
    {}, { a: '' }, { a: 'b' }, { a: 'A.b_c-1' }, ...WORDS.map(word => ({ a: word })),
    { a: times('b', 63) },
    { 'app.kubernetes.io/names': 'a', 'app-kubernetes.io/name': 'a', 'my.helm.sh/chart': 'a' },
    { 'helm.sh/charts': 'a', 'helm-sh/chart': 'a', 'my.app.kubernetes.io/name': 'a' }
  ],
  [
    'a', { a: 1 }, { a: '-b' }, { a: 'b-' }, { a: 'b c' }, { a: times('b', 64) },
    ...RESERVED.map(label => ({ [label]: 'a' }))
  ]
]
const UNITS = ['m', 'k', 'M', 'G', 'T', 'Ki', 'Mi', 'Gi', 'Ti']
export const quantity = (path: string): Row => [
  path,
  ['1', '1.5', '0', '109.109', 1, 0.5, ...UNITS.map(unit => `10${unit}`)],
  ['', 'lots', '1.', '.5', '1g', '1 Gi', '1Gi ', '-1', '1e3', '1x5', 0, -1, true]
]
export const optionalName = (path: string): Row => [
  path,
  ['', 'a', '1', 'a-b', 'a.b', ...LOWER, times('a', 253)],
  ['-a', 'a-', '.a', 'a.', 'a_b', 'A', times('a', 254), 1]
]
export const secretKey = (path: string): Row =>
  [path, ['a', 'A.b_c-1', ...WORDS, times('a', 253)], ['', 'a b', 'a/b', times('a', 254), 1]]
/** A map with two required keys. */
export const bothKeys = (path: string): Row =>
  [path, [{}], [{ name: null }, { key: null }, { another: 1 }, 'a']]
export const port = (path: string) => integer(path, 1, 65_535)
