import { mkdirSync } from 'node:fs'
import { MongoClient } from 'mongodb'
import { ROOT } from './paths.ts'
import { ServerProcess } from './server-process.ts'
import { until } from './until.ts'

/** The program that MONGOMS_SYSTEM_BINARY names, or that of scripts/install-mongod. */
export const MONGOD = process.env.MONGOMS_SYSTEM_BINARY ?? `${ROOT}.tools/mongod/mongod`

export interface MongodOptions {
  folder: string
  port: number
  name?: string
  args?: string[]
}

/** A member of the replica set rs0 that is not started yet. */
export function createMongod ({ folder, port, name = 'mongod', args = [] }: MongodOptions) {
  mkdirSync(`${folder}/${name}`)
  const required = {
    replSet: 'rs0',
    bind_ip: '127.0.0.1',
    port: `${port}`,
    dbpath: `${folder}/${name}`
  }
  return new ServerProcess({
    command: MONGOD,
    args: [
      ...Object.entries(required).flatMap(([option, value]) => [`--${option}`, value]),
      ...args
    ],
    log: `${folder}/${name}.log`
  })
}

/** Makes the only member a replica set, unless it is one, and waits until it accepts writes. */
export async function initiateReplicaSet (port: number): Promise<void> {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}`, {
    directConnection: true,
    serverSelectionTimeoutMS: 20_000
  })
  const admin = client.db('admin')
  const host = `127.0.0.1:${port}`
  try {
    await admin
      .command({ replSetInitiate: { _id: 'rs0', members: [{ _id: 0, host }] } })
      .catch(error => {
        if (error.codeName !== 'AlreadyInitialized') throw error
      })
    await until(
      'mongod accepts writes',
      async () => (await admin.command({ hello: 1 })).isWritablePrimary as boolean,
      60_000
    )
  } finally {
    await client.close()
  }
}
