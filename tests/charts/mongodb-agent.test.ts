import { expect, test } from '@jest/globals'
import { filesystem, runInMongosh, type Ended } from './mongosh.ts'
import { mongoError, ReplicaSet, type Hello } from './replica-set.ts'

const ME = '127.0.0.1:27017'
const host = (n: number) => `db-${n}.db.guestbook.svc:27017`
const HOSTS = [host(0), host(1), host(2)]
const PASSWORDS = { 'mongodb-root-password': 'r00t', 'mongodb-password': 'secret' }
const ALL_PASSWORDS = { ...PASSWORDS, 'mongodb-metrics-password': 'metrics' }

const FRESH: Hello = { isWritablePrimary: false }
const PRIMARY: Hello = { setName: 'rs0', isWritablePrimary: true, hosts: HOSTS }
const SECONDARY: Hello = {
  setName: 'rs0', isWritablePrimary: false, secondary: true, hosts: HOSTS
}
const members = (me: Hello, ...others: Hello[]) => Object.fromEntries(
  [[ME, me], ...[me, ...others].map((hello, n) => [host(n), hello])] as Array<[string, Hello]>
)
const ROOT = { pwd: 'r00t', roles: ['root'] }
const GUESTBOOK = { pwd: 'secret', roles: [{ role: 'readWrite', db: 'guestbook' }] }
const METRICS = { pwd: 'metrics', roles: ['clusterMonitor'] }
const USERS = { 'admin.root': ROOT, 'guestbook.guestbook': GUESTBOOK }
const configOf = (...ids: number[]) => ({
  _id: 'rs0', version: 7, members: ids.map((_id, n) => ({ _id, host: host(n) })), settings: { a: 1 }
})

interface Pod { pod?: string, replicas?: number, secret?: Record<string, string> }
async function runAgent (
  set: ReplicaSet, { pod = 'db-0', replicas = 3, secret = PASSWORDS }: Pod = {}
): Promise<Ended & { changes: unknown[] }> {
  const files = filesystem({
    '/opt/guestbook-mongodb/replicas': `${replicas}\n`,
    ...Object.fromEntries(
      Object.entries(secret).map(([key, text]) => [`/etc/guestbook-mongodb/secret/${key}`, text])
    )
  })
  const env = { POD_NAME: pod, NAMESPACE: 'guestbook', SERVICE: 'db' }
  const ended = await runInMongosh('agent.js', env, { fs: files }, { Mongo: set.Mongo })
  return { ...ended, changes: set.changes }
}
const later = (...log: string[]) => ({ status: 1, log, changes: [] })

test.each([
  ['mongod does not answer', 'db-0', members(undefined), 'waiting for mongod'],
  [
    'it is not the first member', 'db-1', members(FRESH, FRESH, FRESH),
    'waiting for the first member to initiate the replica set'
  ],
  [
    'the second has not answered', 'db-0', members(FRESH, undefined, FRESH),
    `waiting for ${host(1)} before initiating the replica set`
  ],
  [
    'the last has not answered', 'db-0', members(FRESH, FRESH, undefined),
    `waiting for ${host(2)} before initiating the replica set`
  ],
  [
    'another is in a replica set', 'db-0', members(FRESH, FRESH, SECONDARY),
    `${host(2)} already belongs to a replica set: waiting until it adds this member`
  ],
  [
    'there is no primary', 'db-0', members({ setName: 'rs0', isWritablePrimary: false }),
    'waiting for an election'
  ]
])('while %s, the agent of %s changes nothing and retries', async (_what, pod, all, line) => {
  expect(await runAgent(new ReplicaSet(all), { pod })).toEqual(later(line))
})

test.each([
  [1, [host(0)]], [3, HOSTS]
])('the first of %i members initiates the replica set when all answer', async (replicas, hosts) => {
  const set = new ReplicaSet(members(FRESH, FRESH, FRESH))
  expect(await runAgent(set, { replicas })).toEqual({
    status: 1,
    log: [`initiated the replica set with ${hosts.join(', ')}`],
    changes: [{
      database: 'admin',
      replSetInitiate: {
        _id: 'rs0',
        members: hosts.map((host, _id) => ({ _id, host })),
        settings: { electionTimeoutMillis: 5000 }
      }
    }]
  })
  expect([...set.uris]).toEqual([
    'mongodb://ADDRESS/?directConnection=true&serverSelectionTimeoutMS=3000&connectTimeoutMS=3000'
  ])
})

test.each([
  [13, []], [18, []], [23, ['not initiated: code 23']]
])('an initiation that fails with code %i is retried and logs %j', async (code, log) => {
  const set = new ReplicaSet(members(FRESH, FRESH, FRESH))
  set.errors.replSetInitiate = mongoError(code)
  expect(await runAgent(set)).toEqual(later(...log))
})

const quiesce = (ms: number) => ({
  database: 'admin', setParameter: 1, shutdownTimeoutMillisForSignaledShutdown: ms
})
type NewUser = readonly [database: string, user: string, rest: object]
const created = ([database, user, rest]: NewUser) => ({ database, createUser: user, ...rest })

test.each([
  [PASSWORDS, []],
  [ALL_PASSWORDS, [['admin', 'metrics', METRICS]]]
] as const)('the primary creates the users of the Secret %j', async (secret, more) => {
  const set = new ReplicaSet(members(PRIMARY))
  set.config = configOf(0, 1, 2)
  const users: NewUser[] = [
    ['admin', 'root', ROOT], ['guestbook', 'guestbook', GUESTBOOK], ...more
  ]
  expect(await runAgent(set, { secret })).toEqual({
    status: 0,
    log: users.map(([, user]) => `created the user ${user}`),
    changes: users.map(created)
  })
})

test.each([[1, 0], [3, 10_000]])('a stopping member of %i answers for %i ms', async (
  replicas, ms
) => {
  for (const me of [PRIMARY, SECONDARY]) {
    const set = new ReplicaSet(members(me))
    Object.assign(set.users, structuredClone(USERS))
    set.config = configOf(...HOSTS.slice(0, replicas).keys())
    const changes = [quiesce(ms)]
    expect(await runAgent(set, { replicas })).toEqual({ status: 0, log: [], changes })
  }
})

test.each([
  ['guestbook.guestbook', 'guestbook', 'secret'], ['admin.metrics', 'metrics', 'metrics']
])('the agent changes a password of %s that differs from the Secret', async (key, user, pwd) => {
  const set = new ReplicaSet(members(PRIMARY))
  Object.assign(set.users, structuredClone({ ...USERS, 'admin.metrics': METRICS }))
  set.users[key]!.pwd = 'old'
  set.config = configOf(0, 1, 2)
  expect(await runAgent(set, { secret: ALL_PASSWORDS })).toEqual({
    status: 0,
    log: [`changed the password of the user ${user} to the one in the Secret`],
    changes: [quiesce(10_000), { database: key.split('.')[0], updateUser: user, pwd }]
  })
})

test('the agent logs that the root password differs from the Secret', async () => {
  const set = new ReplicaSet(members(PRIMARY))
  Object.assign(set.users, structuredClone(USERS))
  set.users['admin.root']!.pwd = 'old'
  expect(await runAgent(set)).toEqual(later(
    'mongodb-root-password in the Secret differs from the database: ' +
    'see "Changing passwords" in the README'
  ))
})

test('the agent accepts a root user that another agent creates at the same time', async () => {
  const set = new ReplicaSet(members(PRIMARY))
  set.config = configOf(0, 1, 2)
  Object.defineProperty(set.errors, 'createUser', {
    configurable: true,
    get () {
      delete set.errors.createUser
      Object.assign(set.users, structuredClone(USERS))
      return mongoError(51003)
    }
  })
  expect(await runAgent(set)).toEqual({ status: 0, log: [], changes: [] })
})

test.each([
  ['createUser', new ReplicaSet(members(PRIMARY))], ['auth', new ReplicaSet(members(PRIMARY))],
  ['auth', new ReplicaSet(members(SECONDARY))]
])('the agent logs another error of %s and retries', async (method, set) => {
  set.errors[method] = mongoError(6, 'no route')
  expect(await runAgent(set)).toEqual(later('MongoServerError: no route'))
})

test.each([
  ['mongodb-root-password', []],
  ['mongodb-password', [quiesce(10_000)]]
] as const)('the agent waits for the key %s of the Secret', async (key, changes) => {
  const { [key]: _, ...secret } = PASSWORDS
  const set = new ReplicaSet(members(PRIMARY))
  Object.assign(set.users, structuredClone(USERS))
  expect(await runAgent(set, { secret })).toEqual({
    status: 1, log: [`the Secret has no key ${key}`], changes
  })
})

test.each([
  ['takes in the next one', members(PRIMARY, FRESH, FRESH), configOf(4), 1, 5, [
    `added ${host(1)} to the replica set`
  ]],
  ['takes in the last one', members(PRIMARY, SECONDARY, FRESH), configOf(3, 1), 2, 4, [
    `added ${host(2)} to the replica set`
  ]],
  ['waits for it', members(PRIMARY, undefined, FRESH), configOf(0), undefined, 1, [
    `waiting for ${host(1)} before adding it to the replica set`
  ]]
])('a primary that lacks members %s', async (_what, all, config, n, _id, log) => {
  const set = new ReplicaSet(all)
  Object.assign(set.users, structuredClone(USERS))
  set.config = config
  const reconfig = n === undefined
    ? []
    : [{
        database: 'admin',
        replSetReconfig: {
          ...config, version: 8, members: [...config.members, { _id, host: host(n) }]
        }
      }]
  expect(await runAgent(set)).toEqual({
    status: 1, log, changes: [quiesce(10_000), ...reconfig]
  })
})

test('members beyond replicas stay, and the log says what to do', async () => {
  const set = new ReplicaSet(members(PRIMARY))
  Object.assign(set.users, structuredClone(USERS))
  set.config = configOf(0, 1, 2)
  expect(await runAgent(set, { replicas: 1 })).toEqual({
    status: 0,
    log: [
      `members beyond replicas: ${host(1)}, ${host(2)}; see "Fewer members" in the README`
    ],
    changes: [quiesce(0)]
  })
})

const WAITING = 'waiting for the primary to create the users and add all members'
test.each([
  ['there is no root', { 'guestbook.guestbook': GUESTBOOK }, HOSTS, []],
  ['there is no guestbook', { 'admin.root': ROOT }, HOSTS, [quiesce(10_000)]],
  [
    'the password of guestbook is another',
    { ...USERS, 'guestbook.guestbook': { ...GUESTBOOK, pwd: 'old' } }, HOSTS, [quiesce(10_000)]
  ],
  ['a member is not in the set', USERS, HOSTS.slice(0, 2), [quiesce(10_000)]]
])('a secondary waits while %s', async (_what, users, hosts, changes) => {
  const set = new ReplicaSet(members({ ...SECONDARY, hosts }))
  Object.assign(set.users, structuredClone(users))
  expect(await runAgent(set, { pod: 'db-1' })).toEqual({ status: 1, log: [WAITING], changes })
})
