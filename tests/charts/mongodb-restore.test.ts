import { statSync, utimesSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import { Sandbox } from './sandbox.ts'

const URI =
  "mongodb://guestbook:it's@db-0.db.guestbook.svc:27017/guestbook" +
  '?replicaSet=rs0&authSource=guestbook'
const FIRST = 'guestbook-20260101T021700Z.archive.gz'
const LAST = 'guestbook-20260102T021700Z.archive.gz'
const RESTORE = 'cp /tmp/mongorestore.yaml /tmp/seen.yaml'

/** A volume with two backups. The newer name has the older file time. */
function volume (programs: Record<string, string> = {}): Sandbox {
  const sandbox = new Sandbox({ mongosh: '', sleep: '', mongorestore: RESTORE, ...programs })
  for (const [name, time] of [[FIRST, 2000], [LAST, 1000]] as const) {
    sandbox.write(`/backup/${name}`, gzipSync('messages'))
    utimesSync(sandbox.path(`/backup/${name}`), time, time)
  }
  return sandbox
}
const restore = async (sandbox: Sandbox, env: Record<string, string> = {}) =>
  await sandbox.run('restore.sh', { MONGODB_URI: URI, ARCHIVE: 'latest', RUN: 'once', ...env })
const restored = (archive: string) => [
  'mongosh --nodb --norc --quiet --eval connect(process.env.MONGODB_URI)',
  'mongorestore --config /tmp/mongorestore.yaml --gzip ' +
    `--archive=/backup/${archive} --drop --nsInclude guestbook.* --stopOnError`
]

test.each([
  ['latest', LAST],
  [FIRST, FIRST]
])('archive %s restores %s and records the restore on the volume', async (
  ARCHIVE, archive
) => {
  const sandbox = volume()
  const { status, stdout, stderr } = await restore(sandbox, { ARCHIVE })

  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(
    new RegExp(`^restored from ${archive} at \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ\n$`)
  )
  expect(sandbox.calls).toEqual(restored(archive))
  expect(sandbox.read('/backup/.restored-once')).toBe(stdout)
  expect(statSync(sandbox.path('/backup/.restored-once')).mode & 0o777).toBe(0o600)
})

test('a restore runs once per name', async () => {
  const sandbox = volume()
  const { stdout } = await restore(sandbox)
  const again = await restore(sandbox, { ARCHIVE: FIRST })
  expect(again).toEqual({
    status: 0, stdout: `nothing to do: restore.run=once ${stdout}`, stderr: ''
  })
  expect(sandbox.calls).toEqual(restored(LAST))

  expect(await restore(sandbox, { ARCHIVE: FIRST, RUN: 'twice' })).toMatchObject({ status: 0 })
  expect(sandbox.calls).toEqual([...restored(LAST), ...restored(FIRST)])
})

test.each([
  ['guestbook-20260103T021700Z.archive.gz', [FIRST, LAST]],
  ['latest', ['notes.txt', 'guestbook-20260104T021700Z.archive.gz.part']]
])(
  'the restore of %s that does not exist fails first and lists the backups',
  async (ARCHIVE, files) => {
    const sandbox = new Sandbox({ mongosh: '', mongorestore: '' })
    for (const file of files) sandbox.write(`/backup/${file}`, gzipSync('messages'))
    const { status, stderr } = await restore(sandbox, { ARCHIVE })

    expect(status).toBe(1)
    expect(stderr).toBe(
      `restore.archive=${ARCHIVE}: there is no such backup. Available:\n` +
      `${files.toSorted().join('\n')}\n`
    )
    expect(sandbox.calls).toEqual([])
    expect(sandbox.list('/backup')).toEqual(files.toSorted())
  }
)

test.each([
  ['is cut off', gzipSync('messages'.repeat(1000)).subarray(0, -9)],
  ['has a wrong byte', Buffer.concat([gzipSync('messages').subarray(0, -8), Buffer.alloc(8, 7)])],
  ['is empty', Buffer.alloc(0)]
])('a backup that %s is rejected before the database changes', async (_what, content) => {
  const sandbox = volume()
  sandbox.write(`/backup/${LAST}`, content)
  const { status, stdout, stderr } = await restore(sandbox)

  expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
  expect(stderr).toContain('gzip')
  expect(sandbox.calls).toEqual([])
  expect(sandbox.list('/backup')).toEqual([FIRST, LAST])
})

test('a restore waits for MongoDB', async () => {
  const sandbox = volume({ mongosh: 'echo >>/tmp/asked; [ "$(wc -l </tmp/asked)" -gt 2 ]' })
  const { status, stdout } = await restore(sandbox)
  expect(status).toBe(0)
  expect(stdout).toMatch(/^waiting for MongoDB\nwaiting for MongoDB\nrestored from/)
  expect(sandbox.calls.filter(call => call.startsWith('sleep'))).toEqual(['sleep 5', 'sleep 5'])
})

test('a failed restore is not recorded and can be repeated', async () => {
  const sandbox = volume({ mongorestore: 'echo no space >&2; exit 1' })
  expect(await restore(sandbox)).toEqual({ status: 1, stdout: '', stderr: 'no space\n' })
  expect(sandbox.list('/backup')).toEqual([FIRST, LAST])
})

test.each([
  [
    URI,
    "mongodb://guestbook:it''s@db-0.db.guestbook.svc:27017/?replicaSet=rs0&authSource=guestbook"
  ],
  ['mongodb://a:b@c/guestbook?authSource=admin', 'mongodb://a:b@c/?authSource=admin'],
  ['mongodb://a:b@c/guestbook?tls=true', 'mongodb://a:b@c/guestbook?tls=true'],
  ['mongodb://a:b@c/guestbook', 'mongodb://a:b@c/guestbook']
])('mongorestore reads %s as %s from a private file', async (MONGODB_URI, uri) => {
  const sandbox = volume()
  await restore(sandbox, { MONGODB_URI })
  expect(sandbox.read('/tmp/seen.yaml')).toBe(`uri: '${uri}'\n`)
  expect(statSync(sandbox.path('/tmp/mongorestore.yaml')).mode & 0o777).toBe(0o600)
})
