/** A member's answer to hello; undefined if it is unreachable. */
export type Hello = Record<string, unknown> | undefined
interface User { pwd: string, roles: unknown[] }
interface Config { version: number, members: Array<{ _id: number, host: string }> }

/** An error with a code, as MongoDB's. */
export const mongoError = (code: number, message = `code ${code}`) =>
  Object.assign(new Error(message), { name: 'MongoServerError', code })

const NOT_AUTHORISED = 13
const AUTHENTICATION_FAILED = 18

/** A fake replica set, seen by mongosh in a member's pod. It records changes. */
export class ReplicaSet {
  /** By address. */
  readonly members: Record<string, Hello>
  /** By database and name, such as `admin.root`. */
  readonly users: Record<string, User> = {}
  config: Config = { version: 1, members: [] }
  /** Errors by the name of a command or method. */
  readonly errors: Record<string, Error> = {}
  /** Commands that change something, with their databases. */
  readonly changes: unknown[] = []
  readonly uris = new Set<string>()

  constructor (members: Record<string, Hello>) {
    this.members = members
  }

  /** Replaces the class of this name in mongosh. */
  get Mongo () {
    const set = this
    return class {
      readonly #address: string
      #isAuthenticated = false
      constructor (uri: string) {
        this.#address = /^mongodb:\/\/([^/]+)\//.exec(uri)![1]!
        set.uris.add(uri.replace(this.#address, 'ADDRESS'))
      }

      getDB (database: string) {
        return {
          runCommand: (command: Record<string, unknown>) =>
            set.#run(this.#address, database, command),
          auth: (user: string, password: string) => {
            set.#fail('auth')
            if (set.users[`${database}.${user}`]?.pwd !== password) {
              throw mongoError(AUTHENTICATION_FAILED)
            }
            this.#isAuthenticated = true
            return { ok: 1 }
          },
          getUser: (user: string) => set.users[`${database}.${user}`] ?? null,
          createUser: ({ user, ...rest }: User & { user: string }) => {
            set.#fail('createUser')
            // The localhost exception, while there is no user.
            const isLocal = this.#address === '127.0.0.1:27017'
            const isFirst = isLocal && Object.keys(set.users).length === 0
            if (!this.#isAuthenticated && !isFirst) throw mongoError(NOT_AUTHORISED)
            set.changes.push({ database, createUser: user, ...rest })
            set.users[`${database}.${user}`] = rest
          },
          updateUser: (user: string, change: Partial<User>) => {
            set.changes.push({ database, updateUser: user, ...change })
            Object.assign(set.users[`${database}.${user}`]!, change)
          }
        }
      }
    }
  }

  #fail (what: string): void {
    const error = this.errors[what]
    if (error) throw error
  }

  #run (address: string, database: string, command: Record<string, unknown>): unknown {
    const [name] = Object.keys(command)
    this.#fail(name!)
    if (name === 'hello') {
      const hello = this.members[address]
      if (!hello) throw new Error(`connect ECONNREFUSED ${address}`)
      return hello
    }
    if (name === 'replSetGetConfig') return { config: this.config }
    this.changes.push({ database, ...command })
    return { ok: 1 }
  }
}
