// Brings the replica set to what the chart asks for: initiated, all members in it, users made. Every member's agent runs it,
// any number of times; it does the next possible step. Exit status 0: nothing left to do; 1: try again.
/* global Mongo, process, require, quit */
const { readFileSync, existsSync } = require('fs')
const SETTLED = 0
const LATER = 1
const PORT = 27017
/** Half of what mongod takes: a post waits for a new primary, and electing one too often loses none. */
const ELECTION_TIMEOUT_MS = 5000
const NOT_AUTHORISED = [13, 18]
const USER_EXISTS = 51003

class Later extends Error {}

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
    throw new Later(`the Secret has no key ${key}`)
  }
  return readFileSync(file, 'utf8')
}

function connect (address) {
  return new Mongo(
    `mongodb://${address}/?directConnection=true&serverSelectionTimeoutMS=3000&connectTimeoutMS=3000`
  )
}

/** What a member says of itself; undefined when it cannot be reached. */
function hello (address) {
  try {
    return connect(address).getDB('admin').runCommand({ hello: 1 })
  } catch {
    return undefined
  }
}

function initiate () {
  if (POD_NAME !== `${base}-0`) {
    throw new Later('waiting for the first member to initiate the replica set')
  }
  // An empty first member beside others with data has lost its volume. It must wait until they take it in again, and so it
  // must have heard every other one before it concludes that there is no replica set yet.
  for (const host of hosts.slice(1)) {
    const answer = hello(host)
    if (!answer) throw new Later(`waiting for ${host} before initiating the replica set`)
    if (answer.setName) {
      throw new Later(
        `${host} is in a replica set already: waiting for it to take this member in`
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
    // It has users, so it has been initiated, and has yet to read that from its disk.
    throw new Later(NOT_AUTHORISED.includes(error.code) ? '' : `not initiated: ${error.message}`)
  }
  console.log(`initiated the replica set with ${hosts.join(', ')}`)
  throw new Later('')
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

/** As long as there is no user, mongod lets a connection from its own pod make the first one. */
function createRoot () {
  try {
    connect(`127.0.0.1:${PORT}`)
      .getDB('admin')
      .createUser({ user: 'root', pwd: secret('mongodb-root-password'), roles: ['root'] })
    console.log('created the user root')
  } catch (error) {
    if (NOT_AUTHORISED.includes(error.code)) {
      throw new Later(
        'mongodb-root-password in the Secret is not the one in the database: see "Changing passwords" in the README'
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

/** One at a time, as mongod asks; a new member has no vote until it holds the data. */
function addMember (root) {
  const admin = root.getDB('admin')
  const { config } = admin.runCommand({ replSetGetConfig: 1 })
  const present = config.members.map(({ host }) => host)
  const extra = present.filter(host => !hosts.includes(host))
  if (extra.length) {
    console.log(
      `members that are no longer wanted: ${extra.join(', ')}; see "Fewer members" in the README`
    )
  }
  const host = hosts.find(host => !present.includes(host))
  if (!host) return
  if (!hello(host)) throw new Later(`waiting for ${host} to take it into the replica set`)
  const _id = Math.max(...config.members.map(member => member._id)) + 1
  admin.runCommand({
    replSetReconfig: {
      ...config,
      version: config.version + 1,
      members: [...config.members, { _id, host }]
    }
  })
  console.log(`took ${host} into the replica set`)
  throw new Later('')
}

function step () {
  const me = hello(`127.0.0.1:${PORT}`)
  if (!me) throw new Later('waiting for mongod')
  if (!me.setName) initiate()
  if (!me.isWritablePrimary && !me.secondary) throw new Later('waiting for an election')

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
    throw new Later('waiting for the primary to make the users and take in all members')
  }
}

try {
  step()
  quit(SETTLED)
} catch (error) {
  if (error.message) {
    console.log(error instanceof Later ? error.message : `${error.name}: ${error.message}`)
  }
  quit(LATER)
}
