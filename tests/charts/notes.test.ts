import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { temporaryFolder } from '@guestbook/service-kit/testing'
import { helm, nested, ROOT, type Json } from './helm.ts'

/** What `helm install` prints. Without a cluster it shows no notes, so a copy of the chart renders them as an object. */
async function notes (chart: string, values: Json = {}): Promise<string> {
  const copy = `${temporaryFolder()}/${chart}`
  cpSync(`${ROOT}charts/${chart}`, copy, { recursive: true })
  const text = readFileSync(`${copy}/templates/NOTES.txt`, 'utf8')
  rmSync(`${copy}/templates/NOTES.txt`)
  writeFileSync(
    `${copy}/templates/notes.yaml`,
    `{{- define "notes" }}${text}{{ end -}}\nnotes: {{ include "notes" . | quote }}\n`
  )
  const { stdout, stderr } = await helm(
    [
      'template',
      chart,
      copy,
      '--namespace',
      'guestbook',
      '--show-only',
      'templates/notes.yaml',
      '--values',
      '-'
    ],
    JSON.stringify(nested(values))
  )
  if (stderr) throw new Error(stderr)
  return (parse(stdout) as { notes: string }).notes
}

test('people who install the frontend read where the page is and how to try it', async () => {
  expect(await notes('guestbook-frontend')).toBe(`The guestbook's pages are
  at http://localhost
  at http://frontend.localhost
  at http://localhost:3000 after
    kubectl --namespace guestbook port-forward service/guestbook-frontend 3000:3000

Post a message and read it back:
    helm test guestbook-frontend --namespace guestbook --logs
`)
})

test.each([
  [{ 'ingress.hosts': ['a.example', 'b.example'], 'ingress.tlsSecrets': { 'a.example': 'tls' } },
    '  at https://a.example\n  at http://b.example\n'],
  [{ 'ingress.enabled': false }, ''],
  [{ 'ingress.enabled': false, 'service.type': 'NodePort', 'service.nodePort': 31000 },
    '  at port 31000 of every node\n'],
  [{ 'ingress.enabled': false, 'service.type': 'LoadBalancer' },
    '  at the address that `kubectl --namespace guestbook get service guestbook-frontend` shows\n']
])('with %j they name "%s"', async (values, places) => {
  const text = await notes('guestbook-frontend', { ...values, 'service.port': 80 })
  expect(text).toBe(`The guestbook's pages are
${places}  at http://localhost:3000 after
    kubectl --namespace guestbook port-forward service/guestbook-frontend 3000:80

Post a message and read it back:
    helm test guestbook-frontend --namespace guestbook --logs
`)
})

const inMongodb = (secret: string) => 'Messages are kept in the MongoDB that ' +
  `the Secret ${secret} names. Pods wait for it unready.`
const IN_FILE = 'Messages are kept in a file on the volume guestbook-backend'
test.each([
  [{}, '', inMongodb('guestbook-mongodb')],
  [{
    'ingress.enabled': true,
    'ingress.hosts': ['a.example', 'b.example'],
    'ingress.tlsSecrets': { 'a.example': 'tls' }
  },
  '  at https://a.example/api/v1/messages\n  at http://b.example/api/v1/messages\n',
  inMongodb('guestbook-mongodb')],
  [{ 'mongodb.existingSecret.name': 'atlas' }, '', inMongodb('atlas')],
  [{ 'mongodb.enabled': false }, '', `${IN_FILE}, which stays when the release is uninstalled.`],
  [{ 'mongodb.enabled': false, 'persistence.keep': false }, '', `${IN_FILE}.`]
])('people who install the backend with %j read where the API and the messages are', async (
  values, places, kept
) => {
  const text = await notes('guestbook-backend', { ...values, 'service.port': 80 })
  expect(text).toBe(`The guestbook's API is
  at http://guestbook-backend.guestbook:80/api/v1/messages inside the cluster
${places}  at http://localhost:3001/api/v1/messages after
    kubectl --namespace guestbook port-forward service/guestbook-backend 3001:80

${kept}
`)
})

const NO_BACKUPS = 'There are no backups: set backup.enabled=true.\n'
const mongodb = ({
  members = 1,
  secret = 'guestbook-mongodb',
  more = NO_BACKUPS,
  left = true
}) => `MongoDB runs as the replica set rs0 of ${members}, with the database and the user "guestbook".

Connection string (the backend's MONGODB_URI), in the Secret ${secret}:
  kubectl -n guestbook get secret ${secret} -o jsonpath='{.data.uri}' | base64 -d
Check it:
  helm test -n guestbook guestbook-mongodb --logs
${more}${
  left
    ? `
The Secret ${secret} and the volumes stay when this release is uninstalled. To remove them too:
  kubectl -n guestbook delete secret ${secret}
  kubectl -n guestbook delete pvc -l app.kubernetes.io/name=guestbook-mongodb,app.kubernetes.io/instance=guestbook-mongodb
`
    : ''
}`
const BACKUPS = `Back up now:
  kubectl -n guestbook create job --from=cronjob/guestbook-mongodb-backup guestbook-mongodb-backup-now
Put the newest backup back (after the loss of a volume, restart the backend first):
  helm upgrade -n guestbook guestbook-mongodb CHART --reuse-values --set restore.archive=latest --set restore.run=$(date +%F)
`
const RESTORED = 'Restored: latest (run today). It does not happen again under this name.\n'
test.each([
  [{}, mongodb({})],
  [
    { replicas: 3, 'auth.existingSecret': 'mine' },
    mongodb({ members: 3, secret: 'mine', left: false })
  ],
  [{ 'backup.enabled': true }, mongodb({ more: BACKUPS })],
  [{ 'backup.enabled': true, 'restore.archive': 'latest', 'restore.run': 'today' },
    mongodb({ more: `${BACKUPS}${RESTORED}` })]
])('people who install MongoDB with %j read how to reach, back up and remove it', async (
  values, expected
) => {
  expect(await notes('guestbook-mongodb', values)).toBe(expected)
})
