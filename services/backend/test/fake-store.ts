import { StoreUnavailable, type Message, type MessageStore } from '../src/store/message-store.ts'

/** A store with the operations that a test defines; all others are unavailable. */
export function fakeStore (operations: Partial<MessageStore> = {}): MessageStore {
  const unavailable = async () => {
    throw new StoreUnavailable('connect ECONNREFUSED 10.0.0.7:27017 (internal)')
  }
  return {
    create: unavailable,
    list: unavailable,
    get: unavailable,
    setHidden: unavailable,
    forgetKeys: unavailable,
    ping: unavailable,
    close: async () => {},
    ...operations
  }
}

export function fakeMessage (number: number): Message {
  const id = `0198c0de-0000-7000-8000-${String(number).padStart(12, '0')}`
  return {
    id,
    name: 'Ann',
    message: `Message ${number}`,
    createdAt: new Date(number),
    hidden: false,
    version: 0
  }
}
