import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { temporaryFolder } from '@guestbook/service-kit/testing'
import { helm, nested, ROOT, type Json } from './helm.ts'

/** What `helm install` prints: a copy of the chart renders it as an object, without a cluster. */
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

/** The end of the frontend's notes, with the port of the Service. */
const frontendEnd = (port: number) => `  http://localhost:3000 while this command runs:
    kubectl --namespace guestbook port-forward service/guestbook-frontend 3000:${port}

Post a message and read it back:
    helm test guestbook-frontend --namespace guestbook --logs
`

test('the notes of the frontend list its URLs and its test', async () => {
  expect(await notes('guestbook-frontend')).toBe(`URLs of the guestbook's pages:
  http://localhost
  http://frontend.localhost
${frontendEnd(3000)}`)
})

test.each([
  [{ 'ingress.hosts': ['a.example', 'b.example'], 'ingress.tlsSecrets': { 'a.example': 'tls' } },
    '  https://a.example\n  http://b.example\n'],
  [{ 'ingress.enabled': false }, ''],
  [{ 'ingress.enabled': false, 'service.type': 'NodePort', 'service.nodePort': 31000 },
    '  http://NODE:31000 for every node\n'],
  [{ 'ingress.enabled': false, 'service.type': 'LoadBalancer' },
    '  the external IP of: kubectl --namespace guestbook get service guestbook-frontend\n']
])('with %j they list "%s"', async (values, urls) => {
  const text = await notes('guestbook-frontend', { ...values, 'service.port': 80 })
  expect(text).toBe(`URLs of the guestbook's pages:\n${urls}${frontendEnd(80)}`)
})

const inMongodb = (secret: string) =>
  `The Secret ${secret} names the MongoDB that stores the messages.
Pods stay unready until it answers.`
const IN_FILE = 'The volume guestbook-backend stores the messages.'
test.each([
  [{}, '', inMongodb('guestbook-mongodb')],
  [{
    'ingress.enabled': true,
    'ingress.hosts': ['a.example', 'b.example'],
    'ingress.tlsSecrets': { 'a.example': 'tls' }
  },
  '  https://a.example/api/v1/messages\n  http://b.example/api/v1/messages\n',
  inMongodb('guestbook-mongodb')],
  [{ 'mongodb.existingSecret.name': 'atlas' }, '', inMongodb('atlas')],
  [{ 'mongodb.enabled': false }, '', `${IN_FILE} It remains after helm uninstall.`],
  [{ 'mongodb.enabled': false, 'persistence.keep': false }, '', IN_FILE]
])('the notes of the backend with %j list its URLs and name its store', async (
  values, urls, store
) => {
  const text = await notes('guestbook-backend', { ...values, 'service.port': 80 })
  expect(text).toBe(`URLs of the guestbook's API:
  http://guestbook-backend.guestbook:80/api/v1/messages inside the cluster
${urls}  http://localhost:3001/api/v1/messages while this command runs:
    kubectl --namespace guestbook port-forward service/guestbook-backend 3001:80

${store}
`)
})

const NO_BACKUPS = 'There are no backups. Set backup.enabled=true to create them daily.\n'
const mongodb = ({
  members = 1,
  secret = 'guestbook-mongodb',
  backups = NO_BACKUPS,
  ownsSecret = true
}) => `MongoDB runs as the replica set rs0. Members: ${members}. Database and user: guestbook.

The Secret ${secret} contains the connection string, MONGODB_URI of the backend:
  kubectl -n guestbook get secret ${secret} -o jsonpath='{.data.uri}' | base64 -d
Test the connection:
  helm test -n guestbook guestbook-mongodb --logs
${backups}${
  ownsSecret
    ? `
The Secret ${secret} and the volumes remain after helm uninstall. To delete them:
  kubectl -n guestbook delete secret ${secret}
  kubectl -n guestbook delete pvc \\
    -l app.kubernetes.io/name=guestbook-mongodb,app.kubernetes.io/instance=guestbook-mongodb
`
    : ''
}`
const BACKUPS = `Back up now:
  kubectl -n guestbook create job \\
    --from=cronjob/guestbook-mongodb-backup guestbook-mongodb-backup-now
Restore the latest backup (after the loss of a volume, restart the backend first):
  helm upgrade -n guestbook guestbook-mongodb CHART --reuse-values \\
    --set restore.archive=latest --set restore.run=$(date +%F)
`
const RESTORED =
  'Restored: latest (restore.run=today). A restore with this name does not run again.\n'
test.each([
  [{}, mongodb({})],
  [
    { replicas: 3, 'auth.existingSecret': 'mine' },
    mongodb({ members: 3, secret: 'mine', ownsSecret: false })
  ],
  [{ 'backup.enabled': true }, mongodb({ backups: BACKUPS })],
  [{ 'backup.enabled': true, 'restore.archive': 'latest', 'restore.run': 'today' },
    mongodb({ backups: `${BACKUPS}${RESTORED}` })]
])('the notes of MongoDB with %j explain connection, backups and removal', async (
  values, expected
) => {
  expect(await notes('guestbook-mongodb', values)).toBe(expected)
})
