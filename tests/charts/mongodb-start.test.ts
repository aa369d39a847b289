import { statSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { Sandbox } from './sandbox.ts'

/** A container of one member, and the kernel's list of IPv6 addresses. */
function container (
  { key = 'shared-key' as string | null, replicas = '1', ipv6 = '' } = {}
): Sandbox {
  const sandbox = new Sandbox({ mongod: '' })
  if (key !== null) sandbox.write('/etc/guestbook-mongodb/keys/replica-set-key', key)
  sandbox.write('/opt/guestbook-mongodb/replicas', replicas)
  sandbox.write('/proc/net/if_inet6', ipv6)
  return sandbox
}
const start = async (sandbox: Sandbox) => await sandbox.run('start.sh', { CACHE_SIZE_GB: '0.25' })
const mongod = ({ ipv6 = '', quiesce = 0 }) =>
  'mongod --replSet rs0 --keyFile /run/guestbook-mongodb/keyfile --dbpath /data/db --port 27017 ' +
  `--bind_ip_all${ipv6} --nounixsocket --quiet --wiredTigerCacheSizeGB 0.25 ` +
  `--setParameter shutdownTimeoutMillisForSignaledShutdown=${quiesce}`

test.each([
  ['alone, it has nobody to send its clients to', { replicas: '1' }, mongod({ quiesce: 0 })],
  [
    'one of three tells its clients for 10 s that it goes', { replicas: '3' },
    mongod({ quiesce: 10_000 })
  ],
  [
    'where there is IPv6 it listens there, too',
    { ipv6: '00000000000000000000000000000001 01 80 10 80 lo' }, mongod({ ipv6: ' --ipv6' })
  ]
])('mongod starts as a member with authentication: %s', async (
  _what, options, expected
) => {
  const sandbox = container(options)
  expect(await start(sandbox)).toEqual({ status: 0, stdout: '', stderr: '' })
  expect(sandbox.calls).toEqual([expected])
})

test('mongod gets a keyfile that only its user can read', async () => {
  const sandbox = container()
  await start(sandbox)
  expect(sandbox.read('/run/guestbook-mongodb/keyfile')).toBe('shared-key')
  expect(statSync(sandbox.path('/run/guestbook-mongodb/keyfile')).mode & 0o777).toBe(0o400)
})

test.each([
  ['is missing', null], ['is empty', '']
])('mongod does not start when the key %s', async (_what, key) => {
  const sandbox = container({ key })
  expect(await start(sandbox)).toEqual({
    status: 1, stdout: '', stderr: 'the Secret has no key replica-set-key, or it is empty\n'
  })
  expect(sandbox.calls).toEqual([])
})
