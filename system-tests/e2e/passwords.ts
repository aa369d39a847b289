import { check, kubectl } from './cluster.ts'

const MEMBER = 'guestbook-mongodb-0'
/** The loopback interface, which creates the first user without a password, and the network. */
const ADDRESSES = ['127.0.0.1', `${MEMBER}.guestbook-mongodb`]
const UNAUTHORIZED = '13'
const AUTHENTICATION_FAILED = '18'
/** Attempts in mongosh, and the code of MongoDB's error. */
const ATTEMPTS = [
  ['reading messages', 'guestbook.messages.findOne()', UNAUTHORIZED],
  ['writing a message', 'guestbook.messages.insertOne({})', UNAUTHORIZED],
  ['reading the users', 'admin.system.users.findOne()', UNAUTHORIZED],
  [
    'creating a user',
    'admin.createUser({ user: "e2e", pwd: "e2e", roles: ["root"] })',
    UNAUTHORIZED
  ],
  ['a wrong password', 'guestbook.auth("guestbook", "wrong")', AUTHENTICATION_FAILED]
] as const

/** The code of an attempt's error, or "accepted". */
async function outcome (address: string, attempt: string): Promise<string> {
  const script = `const guestbook = db.getSiblingDB('guestbook'), admin = db.getSiblingDB('admin')
    try { ${attempt}; print('accepted') } catch (error) { print(error.code) }`
  return await kubectl.run(
    'exec', MEMBER, '--container', 'mongodb', '--',
    'mongosh', `mongodb://${address}/?directConnection=true`, '--quiet', '--eval', script
  )
}

/** MongoDB requires a password on every connection. */
export async function rejectWithoutPassword (): Promise<void> {
  for (const address of ADDRESSES) {
    console.log(`connecting to MongoDB at ${address} without a password`)
    for (const [what, attempt, code] of ATTEMPTS) {
      const found = await outcome(address, attempt)
      check(`${what} is rejected`, found === code, found)
    }
  }
}
