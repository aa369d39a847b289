// Configures the replica set: initiates it, adds members, creates users. The agent of every member
// runs this repeatedly; each run takes the next possible step. Exit status 0: done; 1: try again.
/* global Mongo, process, require, quit */
const { readFileSync, existsSync } = require('fs')
const DONE = 0
const RETRY = 1
const PORT = 27017
/** Half of mongod's default: posts wait for a new primary. An unnecessary election loses none. */
const ELECTION_TIMEOUT_MS = 5000
const NOT_AUTHORISED = [13, 18]
const USER_EXISTS = 51003

class RetryError extends Error {}

const { POD_NAME, NAMESPACE, SERVICE } = process.env
const base = POD_NAME.replace(/-\d+$/, '')
const wanted = Number(readFileSync('/opt/guestbook-mongodb/replicas', 'utf8'))
const hosts = Array.from(
  { length: wanted },
  (_, i) => `${base}-${i}.${SERVICE}.${NAMESPACE}.svc:${PORT}`
)

function secret (key, { optional = false } = {}) {
  const file = `/etc/guestbook-mongodb/secret/${key}`
  if (!existsSync(file)) {
    if (optional) return undefined
    throw new RetryError(`the Secret has no key ${key}`)
  }
  return readFileSync(file, 'utf8')
}

function connect (address) {
  const timeouts = 'serverSelectionTimeoutMS=3000&connectTimeoutMS=3000'
  return new Mongo(`mongodb://${address}/?directConnection=true&${timeouts}`)
}

/** The hello response of a member; undefined if it is unreachable. */
function hello (address) {
  try {
    return connect(address).getDB('admin').runCommand({ hello: 1 })
  } catch {
    return undefined
  }
}

function initiate () {
  if (POD_NAME !== `${base}-0`) {
    throw new RetryError('waiting for the first member to initiate the replica set')
  }
  // A first member without data may have lost its volume. It initiates only after all others have
  // answered that they belong to no replica set; otherwise it waits until they add it.
  for (const host of hosts.slice(1)) {
    const answer = hello(host)
    if (!answer) throw new RetryError(`waiting for ${host} before initiating the replica set`)
    if (answer.setName) {
      throw new RetryError(
        `${host} already belongs to a replica set: waiting until it adds this member`
      )
    }
  }
  try {
    connect(`127.0.0.1:${PORT}`).getDB('admin').runCommand({
      replSetInitiate: {
        _id: 'rs0',
        members: hosts.map((host, _id) => ({ _id, host })),
        settings: { electionTimeoutMillis: ELECTION_TIMEOUT_MS }
      }
    })
  } catch (error) {
    // It has users: it was initiated before, and is still loading its configuration.
    const isInitiated = NOT_AUTHORISED.includes(error.code)
    throw new RetryError(isInitiated ? '' : `not initiated: ${error.message}`)
  }
  console.log(`initiated the replica set with ${hosts.join(', ')}`)
  throw new RetryError('')
}

function login (database, user, password) {
  try {
    const mongo = connect(`127.0.0.1:${PORT}`)
    return mongo.getDB(database).auth(user, password).ok ? mongo : undefined
  } catch (error) {
    if (NOT_AUTHORISED.includes(error.code)) return undefined
    throw error
  }
}

/** The localhost exception: without any user, mongod allows a local connection to create one. */
function createRoot () {
  try {
    connect(`127.0.0.1:${PORT}`)
      .getDB('admin')
      .createUser({ user: 'root', pwd: secret('mongodb-root-password'), roles: ['root'] })
    console.log('created the user root')
  } catch (error) {
    if (NOT_AUTHORISED.includes(error.code)) {
      throw new RetryError(
        'mongodb-root-password in the Secret differs from the database: ' +
        'see "Changing passwords" in the README'
      )
    }
    if (error.code !== USER_EXISTS) throw error
  }
}

function ensureUser (root, database, user, password, roles) {
  const users = root.getDB(database)
  if (!users.getUser(user)) {
    users.createUser({ user, pwd: password, roles })
    console.log(`created the user ${user}`)
  } else if (!login(database, user, password)) {
    users.updateUser(user, { pwd: password })
    console.log(`changed the password of the user ${user} to the one in the Secret`)
  }
}

/** Adds one member at a time, as mongod requires. It votes once it has synchronised the data. */
function addMember (root) {
  const admin = root.getDB('admin')
  const { config } = admin.runCommand({ replSetGetConfig: 1 })
  const present = config.members.map(({ host }) => host)
  const extra = present.filter(host => !hosts.includes(host))
  if (extra.length) {
    console.log(
      `members beyond replicas: ${extra.join(', ')}; see "Fewer members" in the README`
    )
  }
  const host = hosts.find(host => !present.includes(host))
  if (!host) return
  if (!hello(host)) throw new RetryError(`waiting for ${host} before adding it to the replica set`)
  const _id = Math.max(...config.members.map(member => member._id)) + 1
  admin.runCommand({
    replSetReconfig: {
      ...config,
      version: config.version + 1,
      members: [...config.members, { _id, host }]
    }
  })
  console.log(`added ${host} to the replica set`)
  throw new RetryError('')
}

function step () {
  const me = hello(`127.0.0.1:${PORT}`)
  if (!me) throw new RetryError('waiting for mongod')
  if (!me.setName) initiate()
  if (!me.isWritablePrimary && !me.secondary) throw new RetryError('waiting for an election')

  let root = login('admin', 'root', secret('mongodb-root-password'))
  // The number of members may have changed since mongod started; see start.sh.
  if (root) {
    root
      .getDB('admin')
      .runCommand({
        setParameter: 1,
        shutdownTimeoutMillisForSignaledShutdown: wanted === 1 ? 0 : 10000
      })
  }
  const metricsPassword = secret('mongodb-metrics-password', { optional: true })
  if (me.isWritablePrimary) {
    if (!root) {
      createRoot()
      root = login('admin', 'root', secret('mongodb-root-password'))
    }
    ensureUser(root, 'guestbook', 'guestbook', secret('mongodb-password'), [
      { role: 'readWrite', db: 'guestbook' }
    ])
    if (metricsPassword) ensureUser(root, 'admin', 'metrics', metricsPassword, ['clusterMonitor'])
    addMember(root)
  } else if (
    !root ||
    !login('guestbook', 'guestbook', secret('mongodb-password')) ||
    hosts.some(host => !me.hosts.includes(host))
  ) {
    throw new RetryError('waiting for the primary to create the users and add all members')
  }
}

try {
  step()
  quit(DONE)
} catch (error) {
  if (error.message) {
    console.log(error instanceof RetryError ? error.message : `${error.name}: ${error.message}`)
  }
  quit(RETRY)
}
