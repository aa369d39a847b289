// Connects with the backend's connection string. Writes, reads and deletes in the guestbook's
// database must succeed; everything else must fail.
/* global connect, process, quit */
const uri = process.env.MONGODB_URI
const UNAUTHORIZED = 13
const AUTHENTICATION_FAILED = 18

function refused (code, what, work) {
  try {
    work()
  } catch (error) {
    if (error.code === code) return console.log(`ok: refused ${what}`)
    throw error
  }
  throw new Error(`not refused: ${what}`)
}

try {
  const db = connect(uri)
  const scratch = db.getCollection(`helm_test_${Math.random().toString(36).slice(2)}`)
  try {
    scratch.createIndex({ key: 1 }, { unique: true })
    scratch.insertOne({ key: 1 }, { writeConcern: { w: 'majority', j: true } })
    if (
      scratch.findOne({ key: 1 }, {}, { readConcern: 'linearizable', maxTimeMS: 5000 })?.key !== 1
    ) { throw new Error('the written document was not read') }
    if (
      scratch.findOneAndUpdate(
        { key: 1 },
        { $set: { hidden: true } },
        { returnDocument: 'after' }
      )?.hidden !== true
    ) { throw new Error('not updated') }
    if (scratch.deleteOne({ key: 1 }).deletedCount !== 1) throw new Error('not deleted')
    console.log('ok: wrote, read, changed and deleted a document')
  } finally {
    scratch.drop()
  }
  refused(UNAUTHORIZED, 'another database', () =>
    db.getSiblingDB('elsewhere').getCollection('messages').findOne()
  )
  refused(UNAUTHORIZED, 'the list of users', () =>
    db.getSiblingDB('admin').getCollection('system.users').findOne()
  )
  refused(AUTHENTICATION_FAILED, 'a wrong password', () =>
    connect(uri.replace(/(:\/\/[^:]+:)[^@]+@/, '$1wrong@'))
  )
  quit(0)
} catch (error) {
  console.log(error.message)
  quit(1)
}
