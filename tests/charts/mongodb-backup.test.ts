import { statSync, utimesSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import { Sandbox } from './sandbox.ts'

/** Writes its configuration and a dump. Its fourth argument is --archive=FILE. */
const DUMP =
  'cp /tmp/mongodump.yaml /tmp/seen.yaml; echo messages | gzip >"$(echo "$4" | cut -d= -f2)"'
const URI =
  "mongodb://guestbook:it's@db-0.db.guestbook.svc:27017/guestbook" +
  '?replicaSet=rs0&authSource=guestbook'
const OLD = [
  'guestbook-20260101T021700Z.archive.gz', 'guestbook-20260102T021700Z.archive.gz',
  'guestbook-20260103T021700Z.archive.gz'
]
const NEW = /^guestbook-\d{8}T\d{6}Z\.archive\.gz$/

/** A volume with backups of three days. File times contradict the names. */
function volume (mongodump = DUMP): Sandbox {
  const sandbox = new Sandbox({ mongodump, sync: 'exec /bin/true' })
  OLD.forEach((name, day) => {
    sandbox.write(`/backup/${name}`, gzipSync(name))
    utimesSync(sandbox.path(`/backup/${name}`), 0, 1_000_000 - day)
  })
  sandbox.write('/backup/.restored-once', 'restored')
  sandbox.write('/backup/notes.txt', 'not a backup')
  return sandbox
}
const archives = (sandbox: Sandbox) => sandbox.list('/backup').filter(
  name => name.startsWith('guestbook-')
)
const backUp = async (sandbox: Sandbox, keep = '14') => await sandbox.run(
  'backup.sh', { MONGODB_URI: URI, KEEP: keep, TZ: 'JST-9' }
)

test('a backup is dumped, checked and flushed before it gets its name in UTC', async () => {
  const sandbox = volume()
  const { status, stdout, stderr } = await backUp(sandbox)
  const [name] = archives(sandbox).filter(name => !OLD.includes(name))
  const [, year, month, day, hour, minute, second] =
    /^guestbook-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.archive\.gz$/.exec(name!)!.map(Number)

  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toBe(
    `wrote /backup/${name}, ${statSync(sandbox.path(`/backup/${name}`)).size} bytes\n`
  )
  expect(
    Math.abs(Date.UTC(year!, month! - 1, day, hour, minute, second) - Date.now())
  ).toBeLessThan(600_000)
  expect(sandbox.calls).toEqual([
    `mongodump --config /tmp/mongodump.yaml --gzip --archive=/backup/${name}.part`,
    `sync /backup/${name}.part`
  ])
  expect(statSync(sandbox.path(`/backup/${name}`)).mode & 0o777).toBe(0o600)
})

test('the password is quoted in a file that only its owner can read', async () => {
  const sandbox = volume()
  await backUp(sandbox)
  expect(sandbox.read('/tmp/seen.yaml')).toBe(`uri: '${URI.replace("it's", "it''s")}'\n`)
  expect(statSync(sandbox.path('/tmp/mongodump.yaml')).mode & 0o777).toBe(0o600)
  expect(sandbox.calls.join()).not.toContain('mongodb://')
})

test.each([
  ['14', OLD, []],
  ['4', OLD, []],
  ['3', OLD.slice(1), OLD.slice(0, 1)],
  ['2', OLD.slice(2), OLD.slice(0, 2)],
  ['1', [], OLD]
])('with KEEP=%s the newest backups stay and older ones are deleted', async (keep, stay, go) => {
  const sandbox = volume()
  const { status, stdout } = await backUp(sandbox, keep)

  expect(status).toBe(0)
  expect(archives(sandbox)).toEqual([...stay, expect.stringMatching(NEW)])
  expect(stdout.split('\n').slice(1, -1)).toEqual(go.map(name => `removed /backup/${name}`))
  expect(sandbox.list('/backup')).toEqual(expect.arrayContaining(['.restored-once', 'notes.txt']))
})

test.each([
  ['fails', `${DUMP}; exit 1`],
  ['fails before it has written anything', 'exit 1'],
  ['writes something that is no gzip file', 'echo messages >"$(echo "$4" | cut -d= -f2)"']
])('a dump that %s is discarded, and no backup is deleted', async (_what, mongodump) => {
  const sandbox = volume(mongodump)
  const { status, stdout } = await backUp(sandbox, '1')

  expect(status).not.toBe(0)
  expect(stdout).toBe('')
  expect(archives(sandbox).filter(name => !name.endsWith('.part'))).toEqual(OLD)
})

test('the next backup deletes the rest of an interrupted dump', async () => {
  const sandbox = volume()
  sandbox.write('/backup/guestbook-20260104T021700Z.archive.gz.part', 'half')
  expect(await backUp(sandbox)).toMatchObject({ status: 0 })
  expect(archives(sandbox)).toEqual([...OLD, expect.stringMatching(NEW)])
})

test.each(['MONGODB_URI', 'KEEP'])('without %s nothing is dumped or deleted', async missing => {
  const sandbox = volume()
  const env = { MONGODB_URI: URI, KEEP: '1' }
  const { status } = await sandbox.run(
    'backup.sh', Object.fromEntries(Object.entries(env).filter(([name]) => name !== missing))
  )
  expect(status).not.toBe(0)
  expect(archives(sandbox)).toEqual(expect.arrayContaining(OLD))
})
