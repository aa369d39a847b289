/** What `make start` gives the services, which are stand-ins here, and what it says. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { realpathSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { expect, test } from '@jest/globals'
import { freePort } from '../../system-tests/lib/free-port.ts'
import { Checkout } from './checkout.ts'

const NAMES = [
  'HOST',
  'PORT',
  'MANAGEMENT_PORT',
  'DATA_DIR',
  'BACKEND_URL',
  'TRUST_PROXY',
  'SHUTDOWN_DELAY_MS',
  'NODE_OPTIONS'
]
/** Writes down what it is given, is ready, and ends with a code of its own. */
const SERVICE = `import { writeFileSync } from 'node:fs'
const given = Object.fromEntries(${JSON.stringify(NAMES)}.map(name => [name, process.env[name]]))
const file = process.argv[1].replace('/src/server.ts', '.json')
const started = { ...given, arguments: process.execArgv, cwd: process.cwd() }
writeFileSync(file, JSON.stringify(started))
const code = file.includes('backend') ? Number(process.env.CODE ?? 0) : 0
process.once('SIGTERM', () => process.exit(code))
process.once('disconnect', () => process.exit(9))
setInterval(() => {}, 1000)
console.log('{"msg":"ready","service":"stand-in"}')
`

const MANAGEMENT_OFFSET = 6300
const MAX_PORT = 65_535 - MANAGEMENT_OFFSET

/** Starts both, and presses Ctrl-C as soon as it is said where they are. */
async function start (env: Record<string, string> = {}) {
  const place = new Checkout(['scripts/start.ts', 'scripts/node-options.ts'])
  const folder = realpathSync(place.folder)
  for (const name of ['backend', 'frontend']) {
    place.write(`services/${name}/src/server.ts`, SERVICE)
  }
  const FRONTEND_PORT = `${await freePort(MAX_PORT)}`
  const BACKEND_PORT = `${await freePort(MAX_PORT)}`
  const child = spawn('node', ['scripts/start.ts'], {
    cwd: place.folder,
    env: { PATH: process.env.PATH, FRONTEND_PORT, BACKEND_PORT, ...env }
  })
  const said = Promise.all([text(child.stdout), text(child.stderr)])
  child.stdout.on('data', (part: Buffer) => {
    if (part.includes('Ctrl-C stops it.')) child.kill('SIGINT')
  })
  const [[status], [stdout, stderr]] = await Promise.all([once(child, 'close'), said])
  const given = (name: string) =>
    JSON.parse(place.read(`services/${name}.json`)!, (_, value) =>
      value === folder ? 'FOLDER' : value
    ) as object
  return {
    status,
    stdout,
    stderr,
    folder,
    backend: given('backend'),
    frontend: given('frontend'),
    FRONTEND_PORT,
    BACKEND_PORT
  }
}
const above = (port: string) => String(Number(port) + MANAGEMENT_OFFSET)
const metrics = (port: string) => `http://localhost:${above(port)}/metrics`

test('the services listen on this computer alone, know each other and stop at once', async () => {
  const { status, stdout, stderr, folder, backend, frontend, FRONTEND_PORT, BACKEND_PORT } =
    await start({ HOST: '0.0.0.0' })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  const both = {
    HOST: 'localhost',
    SHUTDOWN_DELAY_MS: '0',
    NODE_OPTIONS: '--max-semi-space-size=4 --max-old-space-size=96',
    arguments: ['--no-allocation-site-pretenuring'],
    cwd: 'FOLDER'
  }
  expect(backend).toEqual({
    ...both,
    PORT: BACKEND_PORT,
    MANAGEMENT_PORT: above(BACKEND_PORT),
    DATA_DIR: `${folder}/.data`,
    TRUST_PROXY: 'loopback'
  })
  expect(frontend).toEqual({
    ...both,
    PORT: FRONTEND_PORT,
    MANAGEMENT_PORT: above(FRONTEND_PORT),
    BACKEND_URL: `http://127.0.0.1:${BACKEND_PORT}`
  })
  expect(stdout.split('\n').filter(line => line.includes('"msg":"ready"'))).toHaveLength(2)
  expect(stdout).toContain(`
  Guestbook   http://localhost:${FRONTEND_PORT}
  API         http://localhost:${BACKEND_PORT}/api/v1/messages   (described in /openapi.json)
  Metrics     ${metrics(FRONTEND_PORT)} and ${metrics(BACKEND_PORT)}
  Messages    in ${folder}/.data

  Ctrl-C stops it.
`)
})

test('what the shell says goes first, and the worst status is its own', async () => {
  const env = {
    DATA_DIR: '/data',
    TRUST_PROXY: '10.0.0.1',
    SHUTDOWN_DELAY_MS: '7',
    NODE_OPTIONS: '--max-old-space-size=77',
    MONGODB_URI: 'mongodb://x',
    CODE: '3'
  }
  const { status, stdout, backend, frontend } = await start(env)
  const given = { SHUTDOWN_DELAY_MS: '7', NODE_OPTIONS: '--max-old-space-size=77' }
  expect(backend).toMatchObject({ ...given, DATA_DIR: '/data', TRUST_PROXY: '10.0.0.1' })
  expect(frontend).toMatchObject(given)
  expect(stdout).toContain('  Messages    in the MongoDB of MONGODB_URI\n')
  expect(status).toBe(3)
})

test.each([
  ['the frontend', { BACKEND_PORT: '3000' }, 'FRONTEND_PORT=3000 and BACKEND_PORT=3000 collide'],
  ['the backend', { FRONTEND_PORT: '3001' }, 'FRONTEND_PORT=3001 and BACKEND_PORT=3001 collide']
])('%s has its port unless another is given', async (_, env, problem) => {
  const { status, stderr } = await new Checkout([
    'scripts/start.ts',
    'scripts/node-options.ts'
  ]).run('node', ['scripts/start.ts'], env)
  expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining(problem) })
})
