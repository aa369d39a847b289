import {
  boolean, integer, LOWER, object, oneOf, SHA256, strings, times, WORDS, type Row
} from './row.ts'

const UNITS = ['k', 'M', 'G', 'T', 'Ki', 'Mi', 'Gi', 'Ti']
const storage = (path: string): Row => [
  path,
  ['1', '1.5Gi', '0', '109.109', ...UNITS.map(unit => `10${unit}`)],
  ['', 'big', '1.', '.5', '1g', '1m', '1 Gi', '1Gi ', '-1', '1x5', 1]
]
const accessModes = (path: string): Row => [
  path,
  [['ReadWriteOnce'], ['ReadWriteOncePod'], ['ReadWriteMany'], ['ReadWriteOnce', 'ReadWriteMany']],
  ['ReadWriteOnce', [], ['ReadOnlyMany'], ['readWriteOnce'], [1]]
]
const tag = (path: string): Row => [
  path, ['a', '8.0', 'V1.0-rc_1', '_', ...WORDS, times('a', 128)],
  ['', '.a', '-a', ':a', 'a b', 'a:b', times('a', 129), 8]
]
const digest = (path: string): Row => [
  path, ['', SHA256],
  [SHA256.slice(0, -1), `${SHA256}0`, SHA256.toUpperCase(), SHA256.slice(7), `a${SHA256}`, 1]
]
const repository = (path: string): Row => [path, ['a', 'registry.example:5000/a'], ['', 1]]
const resources = (path: string): Row[] => [
  [path, [{}], [{ claims: [] }, 'a']],
  [`${path}.requests`, [{}, { cpu: '1m', memory: 1.5 }], [{ cpu: true }, { cpu: {} }, 'a']],
  [`${path}.limits`, [{}, { cpu: 1.5, memory: '1Gi' }], [{ cpu: true }, { cpu: {} }, 'a']]
]
const texts = (path: string): Row => [path, [[], ['a'], ['a', 'b']], ['a', [''], [1]]]
const word = (path: string): Row => [
  path, ['', 'a', '1', 'A.b_c-1', ...WORDS], ['.a', '-a', '_a', 'a b', 'a/b', '../a', 1]
]
const text = (path: string): Row => [path, ['', 'a'], [1, true]]

export const MONGODB: readonly Row[] = [
  ['global', [{ a: 1 }], []], // Helm itself sees to it that this is a map
  [
    'fullnameOverride', ['', 'a', 'z', 'a0', 'z9', 'm5', 'x-amz059-x', times('a', 40)],
    ['1', '-a', 'a-', 'a_b', 'a.b', 'A', times('a', 41), 1]
  ],
  strings('commonLabels'),
  ['replicas', [1, 3, 5, 7], [0, 2, 4, 6, 8, 9, '1', 1.5]],
  ['image', [{}], [{ another: 1 }, 'a']],
  repository('image.repository'),
  tag('image.tag'),
  digest('image.digest'),
  oneOf('image.pullPolicy', ['Always', 'IfNotPresent', 'Never'], ['always']),
  texts('image.pullSecrets'),
  ['auth', [{}], [{ password: 'literal-secret-in-values' }, 'a']],
  [
    'auth.existingSecret', ['', 'a', '1', 'a-b', 'a.b', ...LOWER],
    ['-a', 'a-', '.a', 'a.', 'a_b', 'A', 1]
  ],
  ['persistence', [{}], [{ another: 1 }, 'a']],
  storage('persistence.size'),
  text('persistence.storageClass'),
  accessModes('persistence.accessModes'),
  integer('cacheSizeMiB', 256),
  ...resources('resources'),
  ...resources('agentResources'),
  integer('startupSeconds', 10),
  integer('terminationGracePeriodSeconds', 15),
  strings('podAnnotations'),
  text('priorityClassName'),
  integer('runAsUser', 1),
  strings('nodeSelector'),
  ['tolerations', [[], [{}], [{ key: 'a' }]], ['a', {}, [1]]],
  object('affinity'),
  ['topologySpread', [{}], [{ another: 1 }, 'a']],
  oneOf('topologySpread.whenUnsatisfiable', ['ScheduleAnyway', 'DoNotSchedule']),
  ['networkPolicy', [{}], [{ another: 1 }, 'a']],
  boolean('networkPolicy.enabled'),
  strings('networkPolicy.clientLabels'),
  texts('networkPolicy.monitoringNamespaces'),
  ['metrics', [{}], [{ another: 1 }, 'a']],
  boolean('metrics.enabled'),
  ['metrics.image', [{}], [{ another: 1 }, 'a']],
  repository('metrics.image.repository'),
  tag('metrics.image.tag'),
  digest('metrics.image.digest'),
  ...resources('metrics.resources'),
  ['serviceMonitor', [{}], [{ another: 1 }, 'a']],
  boolean('serviceMonitor.enabled'),
  [
    'serviceMonitor.interval', ['1s', '109ms', '5m', '9h', '1m30s', '0s'],
    ['', '1', 's', '1d', '1.5s', ' 1s', '1s ', 1]
  ],
  strings('serviceMonitor.labels'),
  ['backup', [{}], [{ another: 1 }, 'a']],
  boolean('backup.enabled'),
  [
    'backup.schedule',
    [
      '* * * * *', '17 2 * * *', '0  */6 1-2 1,2 MON', '@hourly', '@daily', '@midnight', '@weekly',
      '@monthly', '@yearly', '@annually'
    ],
    ['', 'daily', '@often', '@hourly ', '* * * *', '* * * * * *', ' * * * * *', 1]
  ],
  ['backup.timeZone', ['a', 'Etc/UTC'], ['', 1]],
  integer('backup.keep', 1),
  ['backup.persistence', [{}], [{ another: 1 }, 'a']],
  text('backup.persistence.existingClaim'),
  storage('backup.persistence.size'),
  text('backup.persistence.storageClass'),
  accessModes('backup.persistence.accessModes'),
  ...resources('backup.resources'),
  ['restore', [{}], [{ another: 1 }, 'a']],
  word('restore.archive'),
  word('restore.run'),
  integer('restore.deadlineSeconds', 60)
]
