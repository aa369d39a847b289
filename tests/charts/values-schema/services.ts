import { chartSettings } from '../../../scripts/charts/settings.ts'
import { SETTINGS } from '../../../scripts/settings.ts'
import {
  bothKeys, cidrs, labels, NAMES, names, optionalName, port, quantity, secretKey
} from './kinds.ts'
import {
  boolean, integer, LOWER, object, oneOf, SHA256, strings, times, WORDS, type Row
} from './row.ts'

const ADDRESSES = [
  'loopback', 'linklocal', 'uniquelocal', '10.0.0.1', '10.0.0.0/8', '192.168.100.100/32', '::1',
  'fd00::/8', '::ffff:10.0.0.1', 'FDAF:af09::/128'
]
const NO_ADDRESSES = [
  '1', 'true', 'localhost', 'Loopback', '10.0.0', '10.0.0.0.0', '1000.0.0.1', '10.0.0.0/123',
  '10.0.0.0/', 'fd00::/1234', 'g::1'
]

export const SERVICE: readonly Row[] = [
  // Helm itself refuses these two unless they are maps.
  ['global', [{ a: 1 }], []],
  ['guestbook-service', [{ a: 1 }], []],
  integer('replicas', 0),
  ['image', [{}], [{ repository: null }, { another: 1 }, 'a']],
  [
    'image.repository', ['a', 'registry.example:5000/a/b'], ['', 'a@b', 'a b', 1]
  ],
  [
    'image.tag', ['', ...WORDS, 'V1.0-rc_1', '_', times('a', 128)],
    ['.a', '-a', ':a', 'a b', 'a:b', times('a', 129), 1]
  ],
  [
    'image.digest', ['', SHA256],
    [SHA256.slice(0, -1), `${SHA256}0`, SHA256.toUpperCase(), SHA256.slice(7), `a${SHA256}`, 1]
  ],
  oneOf('image.pullPolicy', ['Always', 'IfNotPresent', 'Never'], ['always']),
  names('image.pullSecrets'),
  [
    'fullnameOverride', ['', 'a', 'z', 'a0', 'z9', 'm5', 'x-amz059-x', times('a', 50)],
    ['1', '-a', 'a-', 'a_b', 'a.b', 'A', times('a', 51), 1]
  ],
  labels('commonLabels'),
  strings('podAnnotations'),
  [
    'trustProxy',
    [
      '', ...ADDRESSES, ...ADDRESSES.map(address => `loopback,  ${address}`),
      ...ADDRESSES.map(address => `${address},::1,10.0.0.1`)
    ],
    [
      ...NO_ADDRESSES, ...NO_ADDRESSES.map(address => `loopback,${address}`), 'loopback,',
      ',loopback', 'loopback ,::1', 'loopback ::1', 'loopback,,::1', ' loopback', 1
    ]
  ],
  integer('terminationGracePeriodSeconds', 15, 600),
  [
    'otlpEndpoint', ['', 'http://a', 'https://a:1', 'https://a:1/', 'http://a/b?c'],
    ['a', 'a:1', 'ftp://a', 'http:/a', 'http://', 'http:///a', 'http://a b', 'http://a/b c', 1]
  ],
  [
    'extraEnv',
    [
      {}, { NODE_A: '' }, { OTEL_AMZ_059: 'b', NODE_OPTIONS: 'c d', NODE_Z: '' },
      { OTEL_EXPORTER_OTLP_ENDPOINTS: 'a', OTEL_A_OTEL_EXPORTER_OTLP_ENDPOINT: 'a' }
    ],
    [
      'a', { NODE_A: 1 }, { NODE_: 'a' }, { NODE: 'a' }, { NODE_a: 'a' }, { node_a: 'a' },
      { PORT: '1' }, { A_NODE_A: 'a' }, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a' }
    ]
  ],
  ['service', [{}], [{ another: 1 }, 'a']],
  port('service.port'),
  ['ingress', [{}], [{ another: 1 }, 'a']],
  boolean('ingress.enabled'),
  ['ingress.className', NAMES.accepted, [...NAMES.rejected, 1]],
  [
    'ingress.hosts',
    [
      ['a'], ['a', 'b'], ['1'], LOWER, LOWER.map(word => `x.${word}.${word}`), ['a-b.c1.d'],
      ['*.a'], ['*.a-b.c'], [times('a', 253)],
      [`${times('a.', 126)}a`]
    ],
    [
      'a', [], ['a', 'a'], [1], [''], ['*'], ['a.*'], ['*a'], ['A'], ['a_b'], ['-a'], ['a-'],
      ['a.'], ['.a'], ['a..b'], ['a.-b'], ['a.b-'], ['*.*.a'], ['http://a'], ['a:1'],
      [times('a', 254)]
    ]
  ],
  [
    'ingress.tlsSecrets', [{}, ...NAMES.accepted.map(name => ({ 'a.example': name }))],
    ['a', { a: 1 }, ...NAMES.rejected.map(name => ({ 'a.example': name }))]
  ],
  strings('ingress.annotations'),
  ['autoscaling', [{}], [{ another: 1 }, 'a']],
  boolean('autoscaling.enabled'),
  integer('autoscaling.minReplicas', 1),
  integer('autoscaling.maxReplicas', 1),
  integer('autoscaling.targetCPUUtilizationPercentage', 1, 1000),
  ['podDisruptionBudget', [{}], [{ another: 1 }, 'a']],
  [
    'podDisruptionBudget.maxUnavailable', [1, 100, '1%', '10%', '99%'],
    [0, 1.5, '1', '0%', '01%', '100%', 'a%', '%', ' 1%', '1% ']
  ],
  ['topologySpread', [{}], [{ another: 1 }, 'a']],
  oneOf('topologySpread.whenUnsatisfiable', ['ScheduleAnyway', 'DoNotSchedule']),
  ['networkPolicy', [{}], [{ another: 1 }, 'a']],
  boolean('networkPolicy.enabled'),
  names('networkPolicy.ingressNamespaces'),
  cidrs('networkPolicy.ingressCIDRs'),
  names('networkPolicy.monitoringNamespaces'),
  [
    'networkPolicy.extraEgress', [[], [{}], [{ to: [{ a: 1 }], ports: [{ a: 1 }] }]],
    ['a', {}, [1], [{ from: [] }], [{ to: {} }], [{ to: [1] }], [{ ports: {} }], [{ ports: [1] }]]
  ],
  ['serviceMonitor', [{}], [{ another: 1 }, 'a']],
  boolean('serviceMonitor.enabled'),
  [
    'serviceMonitor.interval', ['1s', '109ms', '5m', '9h'],
    ['', '0s', '01s', '1', 's', '1d', '1.5s', '1m30s', ' 1s', '1s ', 1]
  ],
  labels('serviceMonitor.labels'),
  ['resources', [{}], [{ claims: [] }, 'a']],
  ...['requests', 'limits'].flatMap(kind => [
    [`resources.${kind}`, [{}], [{ gpu: 1 }, 'a']] as const,
    ...['cpu', 'memory', 'ephemeral-storage'].map(name => quantity(`resources.${kind}.${name}`))
  ]),
  integer('runAsUser', 1),
  strings('nodeSelector'),
  [
    'tolerations',
    [
      [], [{}], [{ key: 'a', operator: 'Equal', value: 'b' }],
      [{ effect: 'NoExecute', tolerationSeconds: 1 }],
      [{ operator: 'Exists', effect: 'NoSchedule' }], [{ effect: 'PreferNoSchedule' }]
    ],
    [
      'a', {}, [1], [{ another: 1 }], [{ key: 1 }], [{ operator: 'In' }], [{ value: 1 }],
      [{ effect: 'Never' }], [{ tolerationSeconds: '1' }], [{ tolerationSeconds: 1.5 }]
    ]
  ],
  ['affinity', [{}], [{ another: {} }, 'a']],
  object('affinity.nodeAffinity'),
  object('affinity.podAffinity'),
  object('affinity.podAntiAffinity')
]

/** Settings of a service, except lists and URLs, whose patterns have their own rows. */
function settings (service: string): Row[] {
  return chartSettings(SETTINGS[service]!).flatMap(
    ({ chart: { value }, type, secret, format, enum: choices, minimum = 0, maximum }): Row[] => {
      if (secret) {
        return [
          [value, [{}], [{ another: 1 }, 'a']],
          bothKeys(`${value}.existingSecret`),
          optionalName(`${value}.existingSecret.name`),
          secretKey(`${value}.existingSecret.key`)
        ]
      }
      if (choices) return [oneOf(value, [...choices], ['silent', 'INFO'])]
      if (type === 'integer') return [integer(value, minimum, maximum)]
      return format ? [] : [[value, ['a'], [1]]]
    }
  )
}

export const BACKEND: readonly Row[] = [
  ...settings('backend'),
  ['mongodb', [{}], [{ uri: 'mongodb://user:password@host/guestbook' }, 'a']],
  boolean('mongodb.enabled'),
  bothKeys('mongodb.existingSecret'),
  ['mongodb.existingSecret.name', NAMES.accepted, [...NAMES.rejected, 1]],
  secretKey('mongodb.existingSecret.key'),
  cidrs('mongodb.externalCIDRs'),
  port('mongodb.port'),
  ['persistence', [{}], [{ another: 1 }, 'a']],
  quantity('persistence.size'),
  optionalName('persistence.storageClass'),
  boolean('persistence.keep')
]

const ORIGINS = [
  'http://a', 'https://a.example', 'https://AMZamz_059-c.example:65535', 'http://[::1]',
  'https://[fdaf::AF09]:1', 'http://[::ffff:10.0.0.1]'
]
const NO_ORIGINS = [
  'a.example', 'ftp://a', 'http://', 'https://a/', 'https://a/b', 'https://a:', 'https://a:123456',
  'https://a:b', 'http://[g::1]', 'http://::1', 'http://a b'
]
export const FRONTEND: readonly Row[] = [
  ...settings('frontend'),
  [
    'backendUrl', ['http://a', 'https://a:1', 'https://a:1/', 'http://a/b?c'],
    ['', 'a', 'a:1', 'ftp://a', 'http:/a', 'http://', 'http:///a', 'http://a b', 'http://a/b c', 1]
  ],
  [
    'publicOrigin',
    [
      '', ...ORIGINS, ...ORIGINS.map(origin => `http://a,  ${origin}`),
      ...ORIGINS.map(origin => `${origin},http://a,http://b`)
    ],
    [
      ...NO_ORIGINS, ...NO_ORIGINS.map(origin => `http://a,${origin}`), 'http://a,', ',http://a',
      'http://a ,http://b', 'http://a http://b', ' http://a', 1
    ]
  ],
  oneOf('service.type', ['ClusterIP', 'NodePort', 'LoadBalancer'], ['ExternalName']),
  integer('service.nodePort', 30_000, 32_767)
]
