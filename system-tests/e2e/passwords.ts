import { check, kubectl, step } from './cluster.ts'

const MEMBER = 'guestbook-mongodb-0'
/** From the member's own pod, which needs no password for the first user, and by the network. */
const ADDRESSES = ['127.0.0.1', `${MEMBER}.guestbook-mongodb`]
const UNAUTHORIZED = '13'
const AUTHENTICATION_FAILED = '18'
/** What a client without the password tries, in mongosh, and the code of MongoDB's error. */
const ATTEMPTS = [
  ['reading messages', 'guestbook.messages.findOne()', UNAUTHORIZED],
  ['writing a message', 'guestbook.messages.insertOne({})', UNAUTHORIZED],
  ['reading the users', 'admin.system.users.findOne()', UNAUTHORIZED],
  [
    'making a user', 'admin.createUser({ user: "e2e", pwd: "e2e", roles: ["root"] })', UNAUTHORIZED
  ],
  ['a wrong password', 'guestbook.auth("guestbook", "wrong")', AUTHENTICATION_FAILED]
] as const

/** What an attempt ends with: the code of its error, or "not refused". */
function outcome (address: string, attempt: string): string {
  const script = `const guestbook = db.getSiblingDB('guestbook'), admin = db.getSiblingDB('admin')
    try { ${attempt}; print('not refused') } catch (error) { print(error.code) }`
  return kubectl(
    'exec', MEMBER, '--container', 'mongodb', '--',
    'mongosh', `mongodb://${address}/?directConnection=true`, '--quiet', '--eval', script
  )
}

/** MongoDB asks for a password wherever a connection comes from. */
export async function refuseWithoutPassword (): Promise<void> {
  for (const address of ADDRESSES) {
    const found = await step(`asking MongoDB at ${address} without the password`, () =>
      ATTEMPTS.map(([, attempt]) => outcome(address, attempt)))
    ATTEMPTS.forEach(([what, , code], n) => {
      check(`${what} is refused`, found[n] === code, found[n])
    })
  }
}
