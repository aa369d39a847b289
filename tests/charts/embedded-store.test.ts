import { expect, test } from '@jest/globals'
import { ofKind, one, render, template } from './helm.ts'

const embedded = { mongodb: { enabled: false } }

test('with MongoDB the backend needs no volume', async () => {
  const objects = await render('guestbook-backend')
  expect(ofKind(objects, 'PersistentVolumeClaim')).toEqual([])
  expect(one(objects, 'Deployment').spec.template.spec.volumes).toEqual([
    { name: 'tmp', emptyDir: { sizeLimit: '16Mi' } }
  ])
})

test('without MongoDB messages are kept on a volume that outlives the release', async () => {
  const objects = await render('guestbook-backend', { values: embedded })
  const claim = one(objects, 'PersistentVolumeClaim')
  const {
    containers: [container],
    volumes,
    securityContext
  } = one(objects, 'Deployment').spec.template.spec

  expect(claim.spec).toEqual({
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } }
  })
  expect(claim.metadata.annotations).toMatchObject({ 'helm.sh/resource-policy': 'keep' })
  expect(volumes).toContainEqual({
    name: 'data',
    persistentVolumeClaim: { claimName: claim.metadata.name }
  })
  expect(container.volumeMounts).toContainEqual({ name: 'data', mountPath: '/data' })
  expect(container.env).toContainEqual({ name: 'DATA_DIR', value: '/data' })
  expect(container.env.map(({ name }: { name: string }) => name)).not.toContain('MONGODB_URI')
  expect(securityContext).toMatchObject({ fsGroup: 10001 })
})

test('without MongoDB the old pod goes before the next one opens the file', async () => {
  expect(
    one(await render('guestbook-backend', { values: embedded }), 'Deployment').spec.strategy
  ).toEqual({ type: 'Recreate' })
})

test.each([
  ['replicas', { ...embedded, replicas: 2 }],
  ['autoscaling.enabled', { ...embedded, autoscaling: { enabled: true } }]
])('without MongoDB more than one pod is refused, naming %s', async (name, values) => {
  const { status, stderr } = await template('guestbook-backend', { values })
  expect(status).not.toBe(0)
  expect(stderr).toContain(`${name} `)
  expect(stderr).toContain('needs mongodb.enabled')
})
