// Creates the Secret with generated passwords. If it exists, only `uri` follows the number of
// members. A template could not do this: it does not know the passwords of its last render.
/* global process, require, quit */
const { randomBytes } = require('crypto')
const { readFileSync } = require('fs')
const https = require('https')

const { NAME, NAMESPACE, REPLICAS, LABELS, KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT } =
  process.env
const account = '/var/run/secrets/kubernetes.io/serviceaccount'
const secrets = `/api/v1/namespaces/${NAMESPACE}/secrets`
const KEYS = [
  'mongodb-root-password',
  'mongodb-password',
  'mongodb-metrics-password',
  'replica-set-key'
]

function request (method, path, body, contentType = 'application/json') {
  return new Promise((resolve, reject) => {
    const call = https.request(
      {
        host: KUBERNETES_SERVICE_HOST,
        port: KUBERNETES_SERVICE_PORT,
        method,
        path,
        timeout: 10000,
        ca: readFileSync(`${account}/ca.crt`),
        headers: {
          authorization: `Bearer ${readFileSync(`${account}/token`, 'utf8')}`,
          'content-type': contentType
        }
      },
      response => {
        let text = ''
        response.on('data', chunk => {
          text += chunk
        })
        response.on('end', () => {
          resolve({ status: response.statusCode, body: JSON.parse(text) })
        })
      }
    )
    call.on('error', reject)
    call.on('timeout', () => { call.destroy(new Error('Kubernetes did not answer in 10 s')) })
    call.end(body && JSON.stringify(body))
  })
}

function uri (password) {
  const hosts = Array.from(
    { length: Number(REPLICAS) },
    (_, i) => `${NAME}-${i}.${NAME}.${NAMESPACE}.svc:27017`
  )
  const options = 'replicaSet=rs0&authSource=guestbook'
  const user = `guestbook:${encodeURIComponent(password)}`
  return `mongodb://${user}@${hosts.join(',')}/guestbook?${options}`
}

function password () {
  return randomBytes(24).toString('base64url')
}

async function create () {
  const stringData = {
    'mongodb-root-password': password(),
    'mongodb-password': password(),
    'mongodb-metrics-password': password(),
    'replica-set-key': randomBytes(567).toString('base64')
  }
  stringData.uri = uri(stringData['mongodb-password'])
  return await request('POST', secrets, {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'Opaque',
    metadata: { name: NAME, labels: JSON.parse(LABELS) },
    stringData
  })
}

async function run () {
  const created = await create()
  if (created.status === 201) return `created the Secret ${NAME}`
  if (created.status !== 409) {
    throw new Error(`Secret ${NAME} was not created: ${created.body.message}`)
  }

  const found = await request('GET', `${secrets}/${NAME}`)
  if (found.status !== 200) throw new Error(`Secret ${NAME} was not read: ${found.body.message}`)
  const data = found.body.data ?? {}
  const missing = KEYS.filter(key => !data[key])
  if (missing.length) {
    throw new Error(
      `Secret ${NAME} lacks ${missing.join(', ')}: add them, or set auth.existingSecret`
    )
  }
  const wanted = uri(Buffer.from(data['mongodb-password'], 'base64').toString())
  if (data.uri && Buffer.from(data.uri, 'base64').toString() === wanted) {
    return `the Secret ${NAME} is up to date`
  }
  const patched = await request(
    'PATCH',
    `${secrets}/${NAME}`,
    { stringData: { uri: wanted } },
    'application/merge-patch+json'
  )
  if (patched.status !== 200) {
    throw new Error(`Secret ${NAME} was not changed: ${patched.body.message}`)
  }
  return `changed uri in the Secret ${NAME} for ${REPLICAS} members`
}

run().then(
  done => { console.log(done); quit(0) },
  error => { console.log(error.message); quit(1) }
)
